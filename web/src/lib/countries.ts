// Countries by name, for whoever says that something is against the law of one.
import { locale } from '../messages';

const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });
/** Regions that are no countries, and codes for tests. */
const not_countries = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** A code that was withdrawn reads as the one that took its place. */
const isCurrent = (code: string) => new Intl.Locale(`und-${code}`).region === code;

/** "NL" → "Netherlands"; what is no country stays as it is. */
export const countryName = (code: string): string => names.of(code) ?? code;

/** All of them, by name. */
export function countries(): { code: string; name: string }[] {
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !not_countries.has(code) && names.of(code) !== undefined && isCurrent(code))
    .map((code) => ({ code, name: countryName(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, locale));
}

/** Where the viewer's browser says they are at home; empty if it does not. */
export function ownCountry(languages: readonly string[] = navigator.languages): string {
  for (const language of languages) {
    const { region } = new Intl.Locale(language);
    if (region && /^[A-Z]{2}$/.test(region) && !not_countries.has(region)) return region;
  }
  return '';
}
