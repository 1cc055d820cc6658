// How many notifications wait. notifications/stream.ts keeps it up to date.
class Unread {
  count = $state(0);
}

export const unread = new Unread();
