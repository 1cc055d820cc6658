import { describe, expect, it } from 'vitest';
import { held_word_chars_max, held_words_max, wordsIn, wordsProblem } from './words';

describe('words that hold a comment', () => {
  it('are one a line, each once', () => {
    expect(wordsIn(' spam \n\nbuy now\nspam')).toEqual(['spam', 'buy now']);
    expect(wordsIn('')).toEqual([]);
  });

  it('are few and short enough', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `word${n}`);
    expect(wordsProblem(many(held_words_max))).toBeNull();
    expect(wordsProblem(many(held_words_max + 1))).toContain('101');
    expect(wordsProblem(['x'.repeat(held_word_chars_max)])).toBeNull();
    expect(wordsProblem(['x'.repeat(held_word_chars_max + 1)])).toContain('40');
  });
});
