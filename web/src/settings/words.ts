// Words that hold a comment, as they are typed: one a line.
import { charsOf } from '../lib/rules';
import { t } from '../messages/people';

export const held_words_max = 100;
export const held_word_chars_max = 40;

export function wordsIn(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];
}

export function wordsProblem(words: string[]): string | null {
  const long = words.find((word) => charsOf(word) > held_word_chars_max);
  if (long !== undefined) return t('rules.word_long', { word: long, most: held_word_chars_max });
  return words.length > held_words_max ? t('rules.words_many', { count: words.length, most: held_words_max }) : null;
}
