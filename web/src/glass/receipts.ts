// The service's list of receipts, held against what the log says about a person.
import { equal } from './bytes';
import { areTagsOf, holdsTag, parseOpening, subjectTag, type Opening } from './openings';
import type { Claim, Server } from './server';
import type { Alarm, AlarmKind } from './verdict';

export interface Comparison {
  alarms: Alarm[];
  /** Oldest first, as in the log. */
  mine: Opening[];
  omitted: string[];
}

const may_pass: readonly AlarmKind[] = ['omitted', 'not_in_log', 'batch_missing', 'own_reading_missing'];

/** Whether what differs may be gone in a moment: log and list are asked one after the other. */
export const mayPass = (alarms: readonly Alarm[]): boolean => alarms.some(({ kind }) => may_pass.includes(kind));

const batches_at_once = 6;

const about = (kind: AlarmKind, entry: string): Alarm => ({
  kind,
  step: 'receipts',
  facts: [{ name: 'entry', value: entry }],
});

/**
 * Which of the batches about `several` people are about this one. The tags of those that the service lists are given
 * with the list; those of all others are asked for, since one that it does not list would be found nowhere else.
 */
export async function areTheirs(
  several: readonly Opening[],
  claims: readonly Claim[],
  receiptKey: Uint8Array,
  server: Pick<Server, 'batch'>,
  onBatch: (done: number) => void,
): Promise<{ mine: string[]; alarms: Alarm[] }> {
  const listed = new Map(claims.map(({ entry, tags }) => [entry, tags]));
  const mine: string[] = [];
  const alarms: Alarm[] = [];
  const decide = (batch: Opening, tags: Uint8Array[] | null | undefined) => {
    if (!tags) alarms.push(about('batch_missing', batch.text));
    else if (!areTagsOf(batch, tags)) alarms.push(about('batch_broken', batch.text));
    else if (holdsTag(batch, tags, receiptKey)) mine.push(batch.text);
  };
  for (let at = 0; at < several.length; at += batches_at_once) {
    const some = several.slice(at, at + batches_at_once);
    const found = await Promise.all(
      some.map((one) => listed.get(one.text) ?? (one.batch && server.batch(one.batch.root))),
    );
    some.forEach((batch, i) => decide(batch, found[i]));
    onBatch(at + some.length);
  }
  return { mine, alarms };
}

/**
 * Every reading of one's own data in this browser left an entry under the key that the custodians hold. If the log
 * holds fewer under the key that the service says is ours, that key is a false one, and finds nothing of ours.
 */
export function missingReadings(mine: readonly Opening[], made: number): Alarm[] {
  const found = mine.filter(({ purpose }) => purpose === 'self').length;
  if (found >= made) return [];
  const facts = [
    { name: 'expected' as const, value: made },
    { name: 'computed' as const, value: found },
  ];
  return [{ kind: 'own_reading_missing', step: 'receipts', facts }];
}

/** Whether a listed entry is about this person, by what it says itself and the tags listed with it. */
function faultOf({ entry, tags }: Claim, receiptKey: Uint8Array): AlarmKind | null {
  const opening = parseOpening(entry);
  if (!opening) return 'not_mine';
  if (opening.tag) return equal(opening.tag, subjectTag(receiptKey, opening.nonce)) ? null : 'not_mine';
  if (!areTagsOf(opening, tags)) return 'batch_broken';
  return holdsTag(opening, tags, receiptKey) ? null : 'not_mine';
}

/** `mine`: the log's entries about this person. */
export function compare(mine: readonly string[], claims: readonly Claim[], receiptKey: Uint8Array): Comparison {
  const inLog = new Set(mine);
  const inList = new Set(claims.map(({ entry }) => entry));
  const alarms: Alarm[] = [];
  for (const claim of claims) {
    const fault = faultOf(claim, receiptKey);
    if (fault) alarms.push(about(fault, claim.entry));
    else if (!inLog.has(claim.entry)) alarms.push(about('not_in_log', claim.entry));
  }
  const omitted = mine.filter((entry) => !inList.has(entry));
  alarms.push(...omitted.map((entry) => about('omitted', entry)));
  return {
    alarms,
    mine: mine.map(parseOpening).filter((opening) => opening !== null),
    omitted,
  };
}
