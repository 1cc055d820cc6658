import { describe, expect, it } from 'vitest';
import { placesAround, ring_size, slotOf } from './ring';

describe('the ring', () => {
  it('lays a place and its neighbours into slots of their own', () => {
    expect(placesAround(1)).toEqual([0, 1, 2]);
    expect(placesAround(2)).toEqual([3, 1, 2]);
    for (let place = 0; place < 2 * ring_size; ++place) {
      const places = placesAround(place);
      expect([...places].sort((a, b) => a - b)).toEqual([place - 1, place, place + 1]);
      places.forEach((lies, slot) => expect(slotOf(lies)).toBe(slot));
    }
  });

  it('has a slot for the place before the first', () => {
    expect(slotOf(-1)).toBe(2);
    expect(placesAround(0)).toEqual([0, 1, -1]);
  });

  it('moves one slide at each step: those that stay on the screen stay where they are', () => {
    const moved = placesAround(5).filter((place, slot) => place !== placesAround(4)[slot]);
    expect(moved).toEqual([6]);
  });
});
