// What stands in front of a clip that somebody may find disturbing.
import { teller } from '.';

export const veil = {
  'veil.title': 'Sensitive content',
  'veil.text': 'A moderator or its creator says that some people may find this disturbing.',
  'veil.minor': 'Videos like this one are shown to adults only.',
  'veil.show': 'Show it',
} as const;

export const t = teller(veil);
