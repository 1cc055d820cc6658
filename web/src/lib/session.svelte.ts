// Who is signed in, known to every page.
import { get } from './api';
import { bootSession } from './boot';
import type { Account } from './types';

class Session {
  account = $state<Account | null>(bootSession?.account ?? null);
  known = $state(bootSession !== null);
  /** Grows at each change of person, so that what was fetched for another is dropped. */
  epoch = $state(0);

  async load(): Promise<void> {
    if (this.known) return;
    try {
      this.account = (await get<{ account: Account | null }>('/session')).account;
    } catch {
      this.account = null;
    }
    this.known = true;
  }

  enter(account: Account | null): void {
    const changed = account?.id !== this.account?.id;
    this.account = account;
    this.known = true;
    if (changed) this.epoch += 1;
  }
}

export const session = new Session();
