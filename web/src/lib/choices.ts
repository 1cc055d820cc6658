// Pure edits of what a viewer has chosen.
import type { Choices } from './types';

export const topics_max = 32;
export const muted_tags_max = 64;
export const muted_creators_max = 128;

export type Edit = (now: Choices) => Choices;

export const without = (list: string[], one: string) => list.filter((other) => other !== one);

/** A tag is wanted or unwanted, never both. */
export function withTag(now: Choices, list: 'topics' | 'muted_tags', tag: string): Choices {
  const other = list === 'topics' ? 'muted_tags' : 'topics';
  return { ...now, [other]: without(now[other], tag), [list]: [...without(now[list], tag), tag] };
}
