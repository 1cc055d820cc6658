// Languages to choose from, each by its own name. Pure.

/** Those that most people speak, and some that many films are captioned in. Any other can be opened by its address. */
const offered = [
  'ar', 'bg', 'bn', 'ca', 'cs', 'da', 'de', 'el', 'en', 'es', 'et', 'eu', 'fa', 'fi', 'fr', 'ga', 'gl', 'gu', 'he', 'hi',
  'hr', 'hu', 'id', 'is', 'it', 'ja', 'ka', 'kk', 'ko', 'lt', 'lv', 'mk', 'ml', 'mr', 'ms', 'nb', 'nl', 'pa', 'pl',
  'pt-BR', 'pt-PT', 'ro', 'ru', 'sk', 'sl', 'sq', 'sr', 'sv', 'sw', 'ta', 'te', 'th', 'tl', 'tr', 'uk', 'ur', 'vi',
  'yo', 'zh-Hans', 'zh-Hant',
];

export interface Language {
  tag: string;
  name: string;
}

/** What a language is called: by itself, or in the language of the app's own sentences. */
export function nameOf(tag: string, spoken = tag): string {
  try {
    return new Intl.DisplayNames([spoken], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** All of them, by name. Asking the browser for each takes a phone a tenth of a second: only where they are chosen from. */
export function languages(): Language[] {
  return offered.map((tag) => ({ tag, name: nameOf(tag) })).sort((a, b) => a.name.localeCompare(b.name));
}

/** The one of the browser, as far as it is offered. */
export function ownLanguage(wanted: readonly string[] = navigator.languages): string {
  for (const tag of wanted) {
    const found = offered.find((one) => one === tag) ?? offered.find((one) => one.split('-')[0] === tag.split('-')[0]);
    if (found) return found;
  }
  return 'en';
}
