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
} as const satisfies Record<string, Kind>;

export type NotificationKind = keyof typeof table;
export const kinds: Readonly<Record<NotificationKind, Kind>> = table;
export const kindNames = Object.keys(table) as NotificationKind[];
