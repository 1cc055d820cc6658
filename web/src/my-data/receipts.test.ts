// What a person reads of the log's entries: words, hours, and machines apart from people.
import { describe, expect, it } from 'vitest';
import type { Opening } from '../glass/openings';
import { grouped, perClass } from './grouping';
import { className, dayOf, hourOf, isMinor, purposeName, purposeText, sentence } from './words';

const now_ms = new Date(2026, 10, 25, 15, 20).getTime();
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime() / 1000;

let count = 0;
const opening = (more: Partial<Opening>): Opening => ({
  text: `entry ${(count += 1)}`,
  kind: 'access',
  bucket_s: at(25, 14),
  data_class: 'contact',
  purpose: 'abuse-case',
  reader: 's-ab12cd34',
  role: 'staff',
  reason: '',
  nonce: new Uint8Array(),
  tag: null,
  batch: null,
  ...more,
});
const mail = { kind: 'batch', role: 'service', purpose: 'deliver-message', reader: 'm-mail' } as const;

describe('a receipt in words', () => {
  it('says who, what and whether it came to it', () => {
    expect(sentence(opening({}))).toBe('Staff member s-ab12cd34 opened: E-mail address');
    expect(sentence(opening({ role: 'overseer', data_class: 'minor.identity' }))).toBe(
      'Overseer s-ab12cd34 opened: Date of birth',
    );
    expect(sentence(opening({ kind: 'refusal', data_class: 'network' }))).toBe(
      'Staff member s-ab12cd34 was refused: Sign-ins and security',
    );
    expect(sentence(opening(mail))).toBe('The service opened: E-mail address');
    expect(sentence(opening({ ...mail, purpose: 'self' }))).toBe('You opened: E-mail address');
    expect(sentence(opening({ purpose: 'self' })), 'staff do not pass for oneself').toMatch(/^Staff member/);
    expect(sentence(opening({ role: 'janitor', data_class: 'dreams' }))).toBe(
      'janitor s-ab12cd34 opened: Other data (dreams)',
    );
  });

  it('names classes and purposes, known or not', () => {
    expect([className('link'), isMinor('link'), isMinor('minor.link')]).toEqual([
      'Link to what you watch',
      false,
      true,
    ]);
    expect(purposeName('legal-demand')).toBe('A legal demand');
    expect(purposeName('curiosity')).toBe('Another purpose (curiosity)');
    expect(purposeText('curiosity')).toContain('rules in the public log');
  });

  it('tells the hour, and no more', () => {
    expect(hourOf(at(25, 14), now_ms)).toBe('Today, 14:00 to 15:00');
    expect(hourOf(at(24, 23), now_ms)).toBe('Yesterday, 23:00 to 00:00');
    expect(dayOf(at(4, 9), now_ms)).toBe('Wed, Nov 4, 2026');
  });
});

describe('the list of receipts', () => {
  const list = [
    opening({ ...mail, bucket_s: at(23, 8) }),
    opening({ bucket_s: at(23, 9) }),
    opening({ ...mail, bucket_s: at(23, 10) }),
    opening({ ...mail, bucket_s: at(24, 10) }),
    opening({ ...mail, purpose: 'self', bucket_s: at(24, 11) }),
  ];

  it('is newest first, with a day of machines in one', () => {
    const told = grouped(list, new Set(), now_ms).map((group) =>
      group.kind === 'one' ? group.opening.text : [group.day, ...group.openings.map(({ text }) => text)],
    );
    const [first, second, third, fourth, fifth] = list.map(({ text }) => text);
    expect(told).toEqual([fifth, ['Yesterday', fourth], ['Mon, Nov 23, 2026', third, first], second]);
  });

  it('hides nothing that does not hold in a group', () => {
    const [machine] = list;
    const told = grouped(list, new Set([machine?.text ?? '']), now_ms);
    expect(told.filter(({ kind }) => kind === 'one').map((group) => group.kind === 'one' && group.opening)).toContain(
      machine,
    );
  });
});

describe('what is sealed', () => {
  it('is told class by class', () => {
    const fields = [
      { class: 'network', since_s: 20, until_s: 120, purposes: ['self'] },
      { class: 'identity', since_s: 5, until_s: null, purposes: ['self'] },
      { class: 'network', since_s: 10, until_s: 110, purposes: ['self', 'abuse-case'] },
      { class: 'identity', since_s: 9, until_s: 99, purposes: [] },
    ];
    expect(perClass(fields)).toEqual([
      { class: 'network', since_s: 10, until_s: 120, purposes: ['self', 'abuse-case'] },
      { class: 'identity', since_s: 5, until_s: null, purposes: ['self'] },
    ]);
  });
});
