// Notifications in words of people.
import type { Notification, Person, ServiceNews } from '../lib/types';
import { t } from '../messages/notifications';

const day_ms = 86_400_000;
const name_chars_max = 24;

/** Kept apart from the sentence around it, so that a name read from right to left turns nothing else around. */
const isolated = (text: string) => `\u2068${text}\u2069`;

/** A name is not to push what happened out of the line. */
function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length > name_chars_max ? `${letters.slice(0, name_chars_max - 1).join('')}…` : name;
}

const nameOf = (person: Person | undefined) =>
  isolated(person ? shortened(person.display_name || `@${person.handle}`) : t('told.somebody'));

/** "Ada, Bob and 3 others" */
export function whoOf({ actors, count }: Pick<Notification, 'actors' | 'count'>): string {
  const first = nameOf(actors[0]);
  if (count <= 1) return first;
  const second = nameOf(actors[1]);
  return count === 2 ? t('told.who_two', { first, second }) : t('told.who_more', { first, second, count: count - 2 });
}

const of_service: ReadonlySet<Notification['kind']> = new Set<ServiceNews>(['decision', 'appeal', 'report', 'verification']);
export const isOfService = (kind: Notification['kind']): kind is ServiceNews => of_service.has(kind);

export function sentenceOf(one: Notification): string {
  if (one.kind === 'report' && one.matter === null) return t('told.report_many');
  if (isOfService(one.kind)) return t(`told.${one.kind}`);
  const who = whoOf(one);
  return one.kind === 'follow' && one.count > 1 ? t('told.follow_many', { who }) : t(`told.${one.kind}`, { who });
}

/** Where it leads. */
export function placeOf({ kind, video, comment, matter, actors }: Notification): string {
  if (kind === 'verification') return '/settings#verification';
  if (isOfService(kind)) return `/${kind === 'report' ? 'reports' : 'decisions'}${matter === null ? '' : `?about=${matter}`}`;
  if (kind === 'family_change' || kind === 'family_end') return '/family';
  if (video === null) return actors[0] ? `/@${actors[0].handle}` : '/notifications';
  return comment === null ? `/v/${video}` : `/v/${video}?comment=${encodeURIComponent(comment)}`;
}

export type Age = 'today' | 'week' | 'earlier';

export function ageOf(at: number, now: number): Age {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return at >= midnight ? 'today' : at >= midnight - 6 * day_ms ? 'week' : 'earlier';
}
