import { describe, expect, it } from 'vitest';
import type { Change, Controls } from './types';
import { changeText, control_names, plainCode, readableCode, textOf, titleOf, topicsIn, valueText } from './words';

const controls: Controls = {
  daily_minutes: 60,
  quiet: { from: '22:00', to: '06:00' },
  comments: 'everyone',
  mentions: 'nobody',
  sensitive_locked: true,
  left_out: ['diet', 'guns'],
  search: false,
  findable: true,
};
const changed = (of: Partial<Change>): Change => ({ at: 0, by: null, what: 'daily_minutes', before: '60', after: '45', ...of });

describe('controls in words', () => {
  it('each has a name and a value, for both', () => {
    for (const yours of [true, false])
      for (const name of control_names) {
        expect(titleOf(name, yours)).not.toMatch(/^family\./);
        expect(valueText(name, textOf(name, controls), yours)).toMatch(/^[^{]+$/);
      }
    expect(valueText('quiet', textOf('quiet', controls), true)).toBe('22:00 to 06:00');
    expect(valueText('left_out', textOf('left_out', controls), true)).toBe('#diet, #guns');
    expect(valueText('comments', 'everyone', true)).toBe('People you follow');
    expect(valueText('comments', 'everyone', false)).toBe('People they follow');
    expect(valueText('search', textOf('search', controls), true)).toBe('Off');
    expect(valueText('quiet', '', true)).toBe('None');
  });

  it('a change says from what to what', () => {
    expect(changeText(changed({}), true)).toBe('Daily limit: 60 minutes → 45 minutes');
    expect(changeText(changed({ before: '', after: '1' }), true)).toBe('Daily limit: None → 1 minute');
    expect(changeText(changed({ what: 'paired', before: '', after: 'mum' }), true)).toBe('Pairing with @mum began');
    expect(changeText(changed({ what: 'ended', before: 'mum', after: '' }), false)).toBe('Pairing with @mum ended');
    expect(changeText(changed({ what: 'from a newer server' }), true)).toBe('from a newer server');
  });
});

describe('what people type', () => {
  it('topics', () => {
    expect(topicsIn(' cats, #Dogs  boats,,cats ')).toEqual(['cats', 'dogs', 'boats']);
    expect(topicsIn(' ')).toEqual([]);
  });
  it('codes', () => {
    expect(readableCode('ABCD2345')).toBe('ABCD-2345');
    expect(plainCode(' abcd-23 45 ')).toBe('ABCD2345');
  });
});
