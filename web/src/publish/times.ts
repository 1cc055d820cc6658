// A time to come: as its field has it, by the clocks where the person is, and in words. Pure.
import { schedule_ahead_ms_max } from '../lib/rules';
import { locale } from '../messages';
import { t } from '../messages/publishing';

const evening_hour = 18;

const two = (value: number) => String(value).padStart(2, '0');

/** As a field for day and time has it: "2026-11-26T18:00". */
export function fieldOf(ms: number): string {
  const time = new Date(ms);
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** NaN for what is no time. */
export const msOf = (field: string): number => new Date(field).getTime();

/** What to begin with: tomorrow evening. */
export function tomorrowEvening(now: number): number {
  const time = new Date(now);
  time.setDate(time.getDate() + 1);
  return time.setHours(evening_hour, 0, 0, 0);
}

export function timeProblem(field: string, now: number): string | null {
  const ms = msOf(field);
  if (Number.isNaN(ms)) return t('publish.time_missing');
  if (ms <= now) return t('publish.time_past');
  return ms > now + schedule_ahead_ms_max ? t('publish.time_far') : null;
}

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const whole = new Intl.DateTimeFormat(locale, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' });

export const inWords = (ms: number): string => whole.format(ms);
