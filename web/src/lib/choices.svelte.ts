// What the viewer has chosen for their feed: shown at once, taken back if the server refuses.
import { api, get, messageOf } from './api';
import { without, withTag, type Edit } from './choices';
import { toasts } from './toasts.svelte';
import type { Choices, Creator, Video } from './types';

class ChosenFeed {
  /** Null until they are known. */
  value = $state.raw<Choices | null>(null);
  /** Grows whenever what was queued no longer fits what was chosen. */
  version = $state(0);
  #turn: Promise<unknown> = Promise.resolve();
  /** Changes that the server has not answered yet. */
  #open = 0;

  async load(): Promise<void> {
    const value = await get<Choices>('/feed/preferences');
    if (this.#open === 0) this.value = value;
  }

  forget(): void {
    this.value = null;
    this.version += 1;
  }

  mutesCreator(id: string): boolean {
    return this.value?.muted_creators.some((creator) => creator.id === id) ?? false;
  }

  mutesTag(tag: string): boolean {
    return this.value?.muted_tags.includes(tag) ?? false;
  }

  hides(video: Video): boolean {
    return this.mutesCreator(video.creator.id) || video.tags.some((tag) => this.mutesTag(tag));
  }

  personalise(on: boolean): Promise<boolean> {
    return this.#change((now) => ({ ...now, personalised: on }), true);
  }

  chooseTopic(tag: string, on: boolean): Promise<boolean> {
    return this.#change((now) => (on ? withTag(now, 'topics', tag) : { ...now, topics: without(now.topics, tag) }), true);
  }

  /** The clips ahead are sifted by whoever holds them, so muting asks for no new ones. */
  muteTag(tag: string, on: boolean): Promise<boolean> {
    return this.#change((now) => (on ? withTag(now, 'muted_tags', tag) : { ...now, muted_tags: without(now.muted_tags, tag) }), false);
  }

  muteCreator(creator: Creator, on: boolean): Promise<boolean> {
    return this.#change((now) => {
      const others = now.muted_creators.filter(({ id }) => id !== creator.id);
      return { ...now, muted_creators: on ? [...others, creator] : others };
    }, false);
  }

  async forgetTaste(): Promise<void> {
    await api('DELETE', '/feed/taste');
    this.version += 1;
  }

  /** One after the other, each on what the server holds by then: another tab may have changed it. */
  #change(edit: Edit, renews: boolean): Promise<boolean> {
    this.#open += 1;
    if (this.value) this.value = edit(this.value);
    const done = this.#turn.then(() => this.#put(edit));
    this.#turn = done;
    return done.then((answer) => {
      this.#open -= 1;
      if (this.#open === 0) this.value = answer.value;
      if (answer.ok && renews) this.version += 1;
      return answer.ok;
    });
  }

  async #put(edit: Edit): Promise<{ ok: boolean; value: Choices | null }> {
    let before: Choices | null = null;
    try {
      before = await get<Choices>('/feed/preferences');
      const wanted = edit(before);
      const body = { ...wanted, muted_creators: wanted.muted_creators.map(({ id }) => id) };
      return { ok: true, value: await api<Choices>('PUT', '/feed/preferences', body) };
    } catch (error) {
      toasts.error(messageOf(error));
      return { ok: false, value: before };
    }
  }
}

export const choices = new ChosenFeed();
