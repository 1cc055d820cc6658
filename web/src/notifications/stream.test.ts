import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './stream';

describe('the stream of notifications', () => {
  it('is asked for again later and later, at most every five minutes', () => {
    expect([1, 2, 3].map((failures) => retryAfterMs(failures, 0))).toEqual([1000, 2000, 4000]);
    expect(retryAfterMs(1, 0.5)).toBe(1500);
    expect(retryAfterMs(50, 0)).toBe(150_000);
    expect(retryAfterMs(50, 0.999)).toBeLessThan(300_000);
  });
});
