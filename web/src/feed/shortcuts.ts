// The feed's keys, and what the help says of them.
import type { Key } from '../messages';

export type Command =
  | 'next'
  | 'previous'
  | 'play'
  | 'sound'
  | 'like'
  | 'comments'
  | 'captions'
  | 'back'
  | 'forward'
  | 'share'
  | 'profile'
  | 'help';

interface Shortcut {
  /** What it does, in the help's words. */
  text: Key;
  /** By KeyboardEvent.key, letters small. */
  keys: Readonly<Record<string, Command>>;
}

/** As the help lists them. */
export const shortcuts = [
  { text: 'help.next', keys: { ArrowDown: 'next', j: 'next', PageDown: 'next' } },
  { text: 'help.previous', keys: { ArrowUp: 'previous', k: 'previous', PageUp: 'previous' } },
  { text: 'help.play', keys: { ' ': 'play' } },
  { text: 'help.mute', keys: { m: 'sound' } },
  { text: 'help.like', keys: { l: 'like' } },
  { text: 'help.comments', keys: { c: 'comments' } },
  { text: 'help.captions', keys: { t: 'captions' } },
  { text: 'help.seek', keys: { ArrowLeft: 'back', ArrowRight: 'forward' } },
  { text: 'help.share', keys: { s: 'share' } },
  { text: 'help.profile', keys: { p: 'profile' } },
  { text: 'help.this', keys: { '?': 'help' } },
] as const satisfies readonly Shortcut[];

const commands = new Map<string, Command>(shortcuts.flatMap(({ keys }) => Object.entries(keys)));

/** What a key means to the feed. A button or a link that has the focus keeps the space bar. */
export function commandOf(key: string, onControl: boolean): Command | null {
  if (onControl && key === ' ') return null;
  return commands.get(key.length === 1 ? key.toLowerCase() : key) ?? null;
}
