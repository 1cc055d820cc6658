// Figures in words.
import { number } from '../messages';
import { t } from '../messages/studio';

/** 5400000 → "1.5 h". */
export function lasting(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 60) return t('studio.minutes', { count: Math.round(minutes) });
  const hours = minutes / 60;
  return t('studio.hours', { count: hours < 10 ? number(Math.round(hours * 10) / 10) : Math.round(hours) });
}
