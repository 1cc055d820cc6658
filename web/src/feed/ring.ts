// Slides that take turns: each place of the feed has its slot in the ring, so that going on by one moves one slide only.

export const ring_size = 3;

/** The slot in which the clip at a place is shown. */
export const slotOf = (place: number): number => ((place % ring_size) + ring_size) % ring_size;

/** By slot, the place that lies in it while the slides lie around one: that one, and its neighbours. */
export function placesAround(place: number): number[] {
  const first = place - 1;
  return Array.from({ length: ring_size }, (_, slot) => first + slotOf(slot - first));
}
