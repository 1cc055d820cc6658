// One catalogue a language; English is the only one so far. Keys and the names of their parameters are checked by the compiler.
// What only later pages say stands in catalogues of their own (account.ts, glass.ts, my_data.ts, staff.ts), so that the first load stays small.
import { en } from './en';

export type Entry = string | { readonly one: string; readonly other: string };
type Catalogue = Readonly<Record<string, Entry>>;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Needed<E> = E extends string ? Names<E> : Names<E[keyof E]> | 'count';
type Rest<E> = [Needed<E>] extends [never] ? [] : [params: Record<Needed<E>, string | number>];
type Teller<C> = <K extends keyof C>(key: K, ...rest: Rest<C[K]>) => string;

export const locale = 'en';
const plural = new Intl.PluralRules(locale);
const plain = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });

/** Gives the text of a key of the catalogue. A plural entry is chosen by the parameter `count`. */
export function teller<C extends Catalogue>(catalogue: C): Teller<C> {
  return (key, ...rest) => {
    const entry = catalogue[key] as Entry;
    const params = (rest[0] ?? {}) as Record<string, string | number>;
    const text = typeof entry === 'string' ? entry : plural.select(Number(params['count'])) === 'one' ? entry.one : entry.other;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? plain.format(value) : value;
    });
  };
}

export type Key = keyof typeof en;
export const t = teller(en);

/** 1234567 → "1,234,567". */
export const number = (value: number): string => plain.format(value);

/** 1234567 → "1.2M". */
export const short = (value: number): string => compact.format(value);

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** 1536000 → "1.5 MB". */
export function bytes(value: number): string {
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step >= 2 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value);
}

/** 83000 → "1:23". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const day = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "3 hours ago" within a week, a date before that. */
export function ago(time: number, now = Date.now()): string {
  const passed = now - time;
  if (passed > 7 * 86_400_000) return day.format(time);
  for (const [unit, ms] of steps) {
    if (passed >= ms) return relative.format(-Math.floor(passed / ms), unit);
  }
  return t('time.now');
}

/** "about 2 minutes" for what is left of an upload. */
export function about(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return t('time.seconds', { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('time.minutes', { count: minutes });
  return t('time.hours', { count: Math.round(minutes / 60) });
}
