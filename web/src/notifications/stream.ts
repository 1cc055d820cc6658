// The number of unread notifications, told by the server as it changes. A page that nobody looks at listens to nothing:
// browsers open few connections to a server, and the feed needs them.
import { unread } from '../lib/unread.svelte';

const retry_ms_min = 2_000;
const retry_ms_max = 5 * 60_000;

/** How long to wait before the attempt after `failures` ones in a row; `chance` in [0, 1) keeps browsers from coming all at once. */
export function retryAfterMs(failures: number, chance: number): number {
  const whole = Math.min(retry_ms_max, retry_ms_min * 2 ** (failures - 1));
  return whole / 2 + (whole / 2) * chance;
}

/** Until the returned function is called. */
export function followUnread(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  function open() {
    close();
    if (document.visibilityState === 'hidden') return;
    source = new EventSource('/api/v1/notifications/stream');
    source.addEventListener('unread', (event: MessageEvent<string>) => {
      failures = 0;
      unread.count = (JSON.parse(event.data) as { unread: number }).unread;
    });
    // The browser's own attempts have no end and no patience.
    source.onerror = () => {
      close();
      failures += 1;
      timer = setTimeout(open, retryAfterMs(failures, Math.random()));
    };
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  document.addEventListener('visibilitychange', open);
  open();
  return () => {
    document.removeEventListener('visibilitychange', open);
    close();
    unread.count = 0;
  };
}
