import { describe, expect, it } from 'vitest';
import { moved } from './arrangement.svelte';

describe('moved', () => {
  it('goes up, down and to both ends', () => {
    const list = ['a', 'b', 'c', 'd'];
    expect(moved(list, 2, 1)).toEqual(['a', 'c', 'b', 'd']);
    expect(moved(list, 0, 1)).toEqual(['b', 'a', 'c', 'd']);
    expect(moved(list, 0, 3)).toEqual(['b', 'c', 'd', 'a']);
    expect(moved(list, 3, 0)).toEqual(['d', 'a', 'b', 'c']);
    expect(moved(list, 4, 0)).toEqual(list);
    expect(list).toEqual(['a', 'b', 'c', 'd']);
  });
});
