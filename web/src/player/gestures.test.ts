import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Drag, Taps, Wheel, withResistance } from './gestures';

const height = 800;

function dragged(points: [y: number, at: number][], x = 0): Drag {
  const drag = new Drag();
  const [first, ...rest] = points;
  drag.begin(x, first![0], first![1]);
  for (const [y, at] of rest) drag.move(x, y, at);
  return drag;
}

describe('Drag', () => {
  it('goes on by a short quick flick upwards', () => {
    expect(dragged([[600, 0], [580, 16], [540, 32]]).end(height, 40)).toBe(1);
  });

  it('goes back by a flick downwards', () => {
    expect(dragged([[200, 0], [230, 16], [270, 32]]).end(height, 40)).toBe(-1);
  });

  it('goes on by a slow long drag, and stays on a slow short one', () => {
    expect(dragged([[600, 0], [450, 400], [360, 800], [358, 1000]]).end(height, 1000)).toBe(1);
    expect(dragged([[600, 0], [560, 400], [540, 800], [539, 1000]]).end(height, 1000)).toBe(0);
  });

  it('takes a finger that leaves a little late for a flick, and one that rested for none', () => {
    expect(dragged([[600, 0], [560, 45], [520, 90], [480, 135]]).end(height, 190)).toBe(1);
    expect(dragged([[600, 0], [560, 45], [520, 90], [480, 135]]).end(height, 400)).toBe(0);
  });

  it('is called off by flicking back', () => {
    expect(dragged([[600, 0], [400, 300], [300, 500], [340, 520], [390, 540]]).end(height, 545)).toBe(0);
  });

  it('leaves sideways movement alone', () => {
    const drag = new Drag();
    drag.begin(0, 100, 0);
    expect(drag.move(40, 105, 16)).toBeNull();
    expect(drag.move(90, 300, 32)).toBeNull();
    expect(drag.end(height, 40)).toBe(0);
  });

  it('follows the finger only past the slop', () => {
    const drag = new Drag();
    drag.begin(0, 100, 0);
    expect(drag.move(0, 104, 10)).toBeNull();
    expect(drag.move(0, 112, 20)).toBe(12);
  });

  it('gives way less at the ends', () => {
    expect(withResistance(100, false, true)).toBeCloseTo(28);
    expect(withResistance(-100, true, false)).toBeCloseTo(-28);
    expect(withResistance(-100, false, true)).toBe(-100);
  });
});

describe('Wheel', () => {
  it('moves one clip for each notch of a mouse wheel', () => {
    const wheel = new Wheel();
    expect([wheel.turn(100, 0, 0), wheel.turn(100, 0, 500), wheel.turn(-100, 0, 1000)]).toEqual([1, 1, -1]);
  });

  it('moves once for a trackpad swipe with its long tail', () => {
    const wheel = new Wheel();
    let moves = 0;
    for (let i = 0, size = 80; size > 1; i += 1, size *= 0.94) moves += Math.abs(wheel.turn(size, 0, i * 16));
    expect(moves).toBe(1);
  });

  it('moves again when the fingers push again into the tail', () => {
    const wheel = new Wheel();
    let moves = 0;
    let at = 0;
    for (let size = 60; size > 8; size *= 0.92) moves += wheel.turn(size, 0, (at += 16));
    for (let size = 70; size > 8; size *= 0.92) moves += wheel.turn(size, 0, (at += 16));
    expect(moves).toBe(2);
  });

  it('gathers small movements and forgets them after a rest', () => {
    const wheel = new Wheel();
    expect([wheel.turn(10, 0, 0), wheel.turn(10, 0, 20), wheel.turn(10, 0, 40)]).toEqual([0, 0, 1]);
    const other = new Wheel();
    expect([other.turn(10, 0, 0), other.turn(10, 0, 20), other.turn(10, 0, 400)]).toEqual([0, 0, 0]);
  });

  it('understands lines', () => {
    expect(new Wheel().turn(3, 1, 0)).toBe(1);
  });
});

describe('Taps', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells one tap from two', () => {
    const single = vi.fn();
    const double = vi.fn();
    const taps = new Taps(single, double);
    taps.tap(10, 10, 0);
    vi.advanceTimersByTime(400);
    expect(single).toHaveBeenCalledOnce();
    taps.tap(10, 10, 1000);
    vi.advanceTimersByTime(100);
    taps.tap(14, 12, 1100);
    vi.advanceTimersByTime(400);
    expect(double).toHaveBeenCalledExactlyOnceWith(14, 12);
    expect(single).toHaveBeenCalledOnce();
  });

  it('takes a third quick tap as another heart', () => {
    const single = vi.fn();
    const double = vi.fn();
    const taps = new Taps(single, double);
    for (const at of [0, 120, 240]) taps.tap(5, 5, at);
    vi.advanceTimersByTime(600);
    expect(double).toHaveBeenCalledTimes(2);
    expect(single).not.toHaveBeenCalled();
  });
});
