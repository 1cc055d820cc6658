// What the log's entries are called for a person: classes, purposes, readers and hours in plain words.
import type { Opening } from '../glass/openings';
import { locale } from '../messages';
import { t } from '../messages/my_data';

const classes = ['identity', 'contact', 'address', 'network', 'link', 'payment', 'receipt'] as const;
const purposes = [
  'self',
  'deliver-message',
  'account-recovery',
  'payout',
  'abuse-case',
  'child-safety',
  'threat-to-life',
  'legal-demand',
] as const;
const minor_prefix = 'minor.';
const hour_ms = 3_600_000;

const among = <T extends string>(all: readonly T[], name: string): T | undefined => all.find((one) => one === name);

export const isMinor = (dataClass: string): boolean => dataClass.startsWith(minor_prefix);
const adult = (dataClass: string): string => (isMinor(dataClass) ? dataClass.slice(minor_prefix.length) : dataClass);

export function className(dataClass: string): string {
  const known = among(classes, adult(dataClass));
  return known ? t(`my_data.class.${known}`) : t('my_data.class.other', { name: dataClass });
}

export const classText = (dataClass: string): string =>
  t(`my_data.what.${among(classes, adult(dataClass)) ?? 'other'}`);

export function purposeName(purpose: string): string {
  const known = among(purposes, purpose);
  return known ? t(`my_data.purpose.${known}`) : t('my_data.purpose.other', { name: purpose });
}

export const purposeText = (purpose: string): string =>
  t(`my_data.purpose_text.${among(purposes, purpose) ?? 'other'}`);

function readerName({ role, reader }: Opening): string {
  if (role === 'service') return t('receipt.role.service');
  if (role === 'staff' || role === 'overseer') return t(`receipt.role.${role}`, { who: reader });
  return t('receipt.role.other', { role, who: reader });
}

/** "Staff member s-ab12cd34 opened: E-mail address". */
export function sentence(opening: Opening): string {
  const what = className(opening.data_class);
  if (opening.purpose === 'self' && opening.kind === 'batch') return t('receipt.you', { what });
  const who = readerName(opening);
  return opening.kind === 'refusal' ? t('receipt.refused', { who, what }) : t('receipt.opened', { who, what });
}

const date = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const dateOf = (time_s: number): string => date.format(time_s * 1000);

/** "Today", "Yesterday" or the date, by this device's clock. */
export function dayOf(time_s: number, now_ms = Date.now()): string {
  const daysAgo = Math.round((midnight(now_ms) - midnight(time_s * 1000)) / (24 * hour_ms));
  if (daysAgo === 0) return t('receipt.today');
  return daysAgo === 1 ? t('receipt.yesterday') : weekday.format(time_s * 1000);
}

const midnight = (time_ms: number): number => new Date(time_ms).setHours(0, 0, 0, 0);

/** The hour that an entry names: the log tells no more. */
export function hourOf(bucket_s: number, now_ms = Date.now()): string {
  const from = bucket_s * 1000;
  return t('receipt.hour', {
    day: dayOf(bucket_s, now_ms),
    from: clock.format(from),
    to: clock.format(from + hour_ms),
  });
}
