// Videos in the order one asks for: the best first, or the newest.
import { Paged } from './paged.svelte';
import type { List, Video } from './types';

export const orders = ['top', 'new'] as const;
export type Order = (typeof orders)[number];

export class Sorted<Page extends List<Video>> {
  order = $state<Order>('top');
  readonly list: Paged<Video, Page>;
  #path: string;

  constructor(path: string) {
    this.#path = path;
    this.list = new Paged<Video, Page>(this.#ordered());
    void this.list.more();
  }

  put(order: Order): void {
    this.order = order;
    void this.list.restart(this.#ordered());
  }

  #ordered(): string {
    return `${this.#path}?sort=${this.order}`;
  }
}
