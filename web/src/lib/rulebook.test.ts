import { describe, expect, it } from 'vitest';
import { classesOf, peoplesPurposes, readRules } from './rulebook';

const text = JSON.stringify({
  delay_s: 86_400,
  freshness_s: 60,
  purposes: {
    'abuse-case': { classes: ['contact', 'network'], per_reader: 200, per_zone: 900, service: false, signers: 1 },
    'legal-demand': { classes: ['contact', 'identity'], per_reader: 200, per_zone: 900, service: false, signers: 2 },
    self: { classes: ['contact', 'link'], per_reader: 1e8, per_zone: 1e8, service: true, signers: 0 },
  },
  zones: ['home'],
});

describe('readRules', () => {
  it('reads purposes, and which of them are for people', () => {
    const rules = readRules(text);
    if (!rules) throw new Error('the rules are not read');
    expect(rules.purposes.map(({ name }) => name)).toEqual(['abuse-case', 'legal-demand', 'self']);
    const peoples = peoplesPurposes(rules);
    expect(peoples.map(({ name }) => name)).toEqual(['abuse-case', 'legal-demand']);
    expect(classesOf(peoples)).toEqual(['contact', 'network', 'identity']);
    expect(rules).toMatchObject({ delay_s: 86_400, freshness_s: 60, zones: ['home'] });
  });

  it('is null for anything else', () => {
    for (const other of ['', '[]', '{"purposes":1}', '{"purposes":{"self":{}}}']) expect(readRules(other)).toBeNull();
  });
});
