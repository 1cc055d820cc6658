// The check of the log as the page shows it: what runs, and what came of it.
import { fromBase64 } from '../glass/bytes';
import { Memory, type Store } from '../glass/memory';
import { serverOf, tagsOf, type Claim } from '../glass/server';
import type { Progress, Verdict } from '../glass/verdict';
import { verify } from '../glass/verifier';
import { get } from '../lib/api';
import { readStored, writeStored } from '../lib/storage';
import type { GlassKeys, MyData, Receipt } from '../lib/types';

const store: Store = { read: readStored, write: writeStored };

export class LogCheck {
  state = $state<'running' | 'done' | 'unreachable'>('running');
  progress = $state.raw<Progress | null>(null);
  verdict = $state.raw<Verdict | null>(null);
  /** The service's list, as it was last given. */
  claims = $state.raw<Claim[]>([]);
  readonly #memory: Memory;
  #again = false;
  #busy = false;

  constructor(private readonly account: string) {
    this.#memory = new Memory(store, account);
  }

  async loadClaims(): Promise<Claim[]> {
    const { receipts } = await get<{ receipts: Receipt[] }>('/my/receipts');
    this.claims = receipts.map(({ entry, tags }) => ({ entry, tags: tagsOf(tags) }));
    return this.claims;
  }

  /** One check at a time; asked for during one, another follows. */
  async run(data: MyData): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#again) {
      this.#again = false;
      await this.#runOnce(data);
    }
    this.#busy = false;
  }

  async #runOnce(data: MyData): Promise<void> {
    this.state = 'running';
    this.progress = null;
    try {
      const glass = await get<GlassKeys>('/glass');
      const person = { account: this.account, receiptKey: fromBase64(data.receipt_key) ?? new Uint8Array() };
      this.verdict = await verify(
        person,
        { vkey: glass.log.vkey, policy: glass.policy },
        {
          server: serverOf(glass.log.url, () => this.loadClaims()),
          store,
          now_ms: Date.now,
          pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          onProgress: (progress) => (this.progress = progress),
        },
      );
      this.state = 'done';
    } catch {
      this.state = 'unreachable';
    }
  }

  countOwnReading(): void {
    this.#memory.countOwnReading();
  }

  forget(): void {
    this.#memory.forget();
  }
}
