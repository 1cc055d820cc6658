import { describe, expect, it } from 'vitest';
import { ageOf, calendarDay } from './birth';

describe('calendarDay', () => {
  it('knows which days there are', () => {
    expect(calendarDay(2004, 2, 29)).toBe('2004-02-29');
    expect(calendarDay(1999, 12, 1)).toBe('1999-12-01');
    for (const [year, month, day] of [
      [2005, 2, 29],
      [1990, 4, 31],
      [1990, 13, 1],
      [1990, 1, 0],
    ] as const) {
      expect(calendarDay(year, month, day)).toBeNull();
    }
  });
});

describe('ageOf', () => {
  it('turns on the birthday, not the day before', () => {
    expect(ageOf('2013-06-15', new Date(2026, 5, 14))).toBe(12);
    expect(ageOf('2013-06-15', new Date(2026, 5, 15))).toBe(13);
    expect(ageOf('2013-06-15', new Date(2026, 11, 31))).toBe(13);
  });

  it('is negative for a day to come', () => {
    expect(ageOf('2026-06-16', new Date(2026, 5, 15))).toBe(-1);
  });
});
