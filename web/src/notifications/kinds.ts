// Every kind of notification there is. A further one is a row here, and its words in messages/notifications.ts
// (`told.KIND` and `told.want.KIND`), which the compiler asks for.
import type { IconName } from '../ui/Icon.svelte';

interface Kind {
  icon: IconName;
  /** Drawn full, in the colour of hearts. */
  heart?: boolean;
}

const table = {
  follow: { icon: 'profile' },
  like: { icon: 'heart', heart: true },
  comment: { icon: 'comment' },
  reply: { icon: 'comment' },
  mention: { icon: 'comment' },
  comment_like: { icon: 'heart', heart: true },
  duet: { icon: 'duet' },
  stitch: { icon: 'stitch' },
  sound: { icon: 'sound' },
  repost: { icon: 'repost' },
} as const satisfies Record<string, Kind>;

export type NotificationKind = keyof typeof table;
/** What everybody is told, whether they want to or not. */
const owed = {
  decision: { icon: 'shield' },
  appeal: { icon: 'shield' },
  report: { icon: 'flag' },
  verification: { icon: 'shield' },
  family_change: { icon: 'shield' },
  family_end: { icon: 'shield' },
} as const satisfies Record<string, Kind>;
export const kinds: Readonly<Record<NotificationKind | keyof typeof owed, Kind>> = { ...table, ...owed };
export const kindNames = Object.keys(table) as NotificationKind[];
