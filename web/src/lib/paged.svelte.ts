// A list that the server hands out in pages, asked for as one scrolls.
import { untrack } from 'svelte';
import { get, messageOf, Problem } from './api';
import type { List } from './types';

export class Paged<T extends { id: string }, Page extends { next: string | null } = List<T>> {
  items = $state.raw<T[]>([]);
  /** The first page, for what comes beside its items. */
  first = $state.raw<Page | null>(null);
  next = $state<string | null>(null);
  loading = $state(false);
  /** The first page is there. */
  loaded = $state(false);
  missing = $state(false);
  refused = $state(false);
  problem = $state<string | null>(null);
  #path: string;
  #itemsOf: (page: Page) => T[];
  #turn = 0;

  /** `path` may have a query of its own. */
  constructor(path: string, itemsOf = (page: Page): T[] => (page as unknown as List<T>).items) {
    this.#path = path;
    this.#itemsOf = itemsOf;
  }

  /** Begins anew, elsewhere if a path is given. What was there stays until the first page comes. */
  async restart(path = this.#path): Promise<void> {
    this.#path = path;
    this.loading = false;
    this.next = null;
    this.loaded = false;
    await this.more();
  }

  /** Asks for the first page, or the next. An effect that calls it does not depend on how far the list has come. */
  more(): Promise<void> {
    return untrack(() => this.#more());
  }

  async #more(): Promise<void> {
    if (this.loading || (this.loaded && this.next === null)) return;
    const mine = ++this.#turn;
    this.loading = true;
    this.problem = null;
    this.missing = false;
    this.refused = false;
    try {
      const page = await get<Page>(this.#address());
      if (mine === this.#turn) this.#take(page);
    } catch (error) {
      if (mine !== this.#turn) return;
      this.missing = error instanceof Problem && error.status === 404;
      this.refused = error instanceof Problem && error.status === 403;
      this.problem = messageOf(error);
    } finally {
      if (mine === this.#turn) this.loading = false;
    }
  }

  #address(): string {
    if (this.next === null) return this.#path;
    return `${this.#path}${this.#path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(this.next)}`;
  }

  /** Pages may overlap when the list has changed meanwhile. */
  #take(page: Page): void {
    const before = this.loaded ? this.items : [];
    const seen = new Set(before.map(({ id }) => id));
    this.items = [...before, ...this.#itemsOf(page).filter(({ id }) => !seen.has(id))];
    this.next = page.next;
    if (!this.loaded) this.first = page;
    this.loaded = true;
  }

  replace(item: T): void {
    this.items = this.items.map((other) => (other.id === item.id ? item : other));
  }

  remove(id: string): void {
    this.items = this.items.filter((other) => other.id !== id);
  }
}
