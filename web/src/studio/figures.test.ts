import { describe, expect, it } from 'vitest';
import { axisOf, halfwayOf, lineOf, periodOf, placeAfter, roundUp, runsOf, ticksOf, untoldOf, type Figures } from './figures';

describe('what plots are drawn from', () => {
  it('ends an axis on a round number that is no smaller', () => {
    expect([0, 7, 20, 101, 149, 151, 999, 1234].map(roundUp)).toEqual([10, 10, 20, 150, 150, 200, 1000, 1500]);
  });

  it('lets an axis float closely around what grows slowly', () => {
    expect(axisOf([20, 400], false)).toEqual({ from: 0, to: 400 });
    expect(axisOf([1000, 1180], true)).toEqual({ from: 1000, to: 1200 });
    expect(axisOf([1090, 1270], true)).toEqual({ from: 1000, to: 1400 });
    expect(axisOf([40], true)).toEqual({ from: 40, to: 50 });
    expect(axisOf([], true)).toEqual({ from: 0, to: 10 });
  });

  it('tells runs of what is withheld from runs of what is told', () => {
    expect(runsOf([null, null, 3, 4, null])).toEqual([
      { from: 0, to: 1, told: false },
      { from: 2, to: 3, told: true },
      { from: 4, to: 4, told: false },
    ]);
    expect(runsOf([])).toEqual([]);
  });

  it('draws a line through a run', () => {
    const same = (value: number) => value;
    expect(lineOf([null, 3, 4], { from: 1, to: 2, told: true }, same, same)).toBe('M1.0 3.0L2.0 4.0');
  });

  it('marks a few places of an axis, the last among them', () => {
    expect(ticksOf(7, 10)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(ticksOf(28, 4)).toEqual([6, 13, 20, 27]);
    expect(ticksOf(0, 4)).toEqual([]);
  });

  it('moves by keys within the plot', () => {
    expect(placeAfter('ArrowRight', 3, 5)).toBe(4);
    expect(placeAfter('ArrowRight', 4, 5)).toBe(4);
    expect(placeAfter('ArrowDown', 0, 168, 24)).toBe(24);
    expect(placeAfter('ArrowUp', 30, 168, 24)).toBe(6);
    expect(placeAfter('Home', 3, 5)).toBe(0);
    expect(placeAfter('a', 3, 5)).toBeNull();
  });

  it('knows the periods', () => {
    expect(periodOf('?days=7')).toBe(7);
    expect(periodOf('?days=8')).toBe(28);
    expect(periodOf('')).toBe(28);
  });

  it('adds up what is not told apart', () => {
    const figures = { totals: { views: 100 }, sources: [{ source: 'for_you', views: 60 }, { source: 'tag', views: null }] };
    expect(untoldOf(figures as unknown as Figures)).toBe(40);
  });

  it('finds where half have left', () => {
    expect(halfwayOf([100, null, 70, 49, 20])).toBe(3);
    expect(halfwayOf([100, null])).toBeNull();
  });
});
