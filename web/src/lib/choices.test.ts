import { describe, expect, it } from 'vitest';
import { withTag, without } from './choices';
import type { Choices } from './types';

const chosen: Choices = { personalised: true, topics: ['sea', 'boats'], muted_tags: ['cats'], muted_creators: [] };

describe('withTag', () => {
  it('wants a tag or not, never both', () => {
    expect(withTag(chosen, 'muted_tags', 'sea')).toEqual({ ...chosen, topics: ['boats'], muted_tags: ['cats', 'sea'] });
    expect(withTag(chosen, 'topics', 'cats')).toEqual({ ...chosen, topics: ['sea', 'boats', 'cats'], muted_tags: [] });
  });

  it('keeps no tag twice', () => {
    expect(withTag(chosen, 'topics', 'sea').topics).toEqual(['boats', 'sea']);
    expect(without(['a', 'b', 'a'], 'a')).toEqual(['b']);
  });
});
