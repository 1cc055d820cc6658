// The automatic rules as they are written by hand: words and hashes a line each, in a list for each outcome.
import { charsOf } from '../lib/rules';
import type { AutomaticRules, RuleOutcome } from '../lib/types';
import { t } from '../messages/moderators';

export const words_max = 1000;
export const word_chars_max = 40;
export const hashes_max = 10_000;
export const videos_per_hour_max = 1000;

export type Lists = Record<RuleOutcome, string>;

export const linesOf = (text: string): string[] => [...new Set(text.split('\n').map((line) => line.trim()).filter(Boolean))];

export const listsOf = <T extends { outcome: RuleOutcome }>(entries: T[], textOf: (entry: T) => string): Lists => ({
  queue: entries.filter(({ outcome }) => outcome === 'queue').map(textOf).join('\n'),
  hold: entries.filter(({ outcome }) => outcome === 'hold').map(textOf).join('\n'),
});

const entriesOf = (lists: Lists): { text: string; outcome: RuleOutcome }[] =>
  (['queue', 'hold'] as const).flatMap((outcome) => linesOf(lists[outcome]).map((text) => ({ text, outcome })));

export const wordsIn = (lists: Lists): AutomaticRules['words'] => entriesOf(lists);

export const hashesIn = (lists: Lists): AutomaticRules['hashes'] =>
  entriesOf(lists).map(({ text, outcome }) => ({ sha256: text.toLowerCase(), outcome }));

function twiceIn(lists: Lists): string | undefined {
  const held = new Set(linesOf(lists.hold).map((line) => line.toLowerCase()));
  return linesOf(lists.queue).find((line) => held.has(line.toLowerCase()));
}

function refusalOf(lists: Lists, most: number): string | null {
  const count = entriesOf(lists).length;
  if (count > most) return t('auto.many', { count, most });
  const twice = twiceIn(lists);
  return twice === undefined ? null : t('auto.twice', { text: twice });
}

/** What is wrong with the words, or null. */
export function wordsRefusal(lists: Lists): string | null {
  const long = wordsIn(lists).find(({ text }) => charsOf(text) > word_chars_max);
  return long ? t('auto.word_long', { word: long.text, most: word_chars_max }) : refusalOf(lists, words_max);
}

export function hashesRefusal(lists: Lists): string | null {
  const bad = hashesIn(lists).find(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256));
  return bad ? t('auto.hash_bad', { hash: bad.sha256 }) : refusalOf(lists, hashes_max);
}
