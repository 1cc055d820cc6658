import { describe, expect, it } from 'vitest';
import { countries, countryName, ownCountry } from './countries';

describe('countries', () => {
  it('are those there are today, by name', () => {
    const all = countries();
    const codes = all.map(({ code }) => code);
    expect(all.length).toBeGreaterThan(200);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const code of ['NL', 'DE', 'US', 'JP', 'NZ']) expect(codes).toContain(code);
    for (const code of ['EU', 'UN', 'ZZ', 'DD', 'SU', 'XA', 'QQ']) expect(codes).not.toContain(code);
    expect(countryName('NL')).toBe('Netherlands');
    expect(countryName('QQ')).toBe('QQ');
  });

  it('know the viewer’s own from the browser, if it says', () => {
    expect(ownCountry(['en', 'nl-NL', 'de-AT'])).toBe('NL');
    expect(ownCountry(['en', 'es-419'])).toBe('');
  });
});
