// What can be done with one of one's own videos in the list of them all.
import { api, messageOf } from '../lib/api';
import { toasts } from '../lib/toasts.svelte';
import type { Video } from '../lib/types';
import { t } from '../messages/publishing';

interface Listener {
  changed: (video: Video) => void;
  gone: (video: Video) => void;
}

export class OwnActions {
  busy = $state(false);
  readonly #listener: Listener;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  publish(video: Video): Promise<boolean> {
    return this.#do(async () => {
      this.#listener.changed(await api<Video>('PATCH', `/videos/${video.id}`, { draft: false, publish_at: null }));
      toasts.add(t('edit.published'));
    });
  }

  pin(video: Video, on: boolean): Promise<boolean> {
    return this.#do(async () => {
      this.#listener.changed(await api<Video>(on ? 'PUT' : 'DELETE', `/videos/${video.id}/pin`));
      toasts.add(t(on ? 'own.pin_done' : 'own.unpin_done'));
    });
  }

  remove(video: Video): Promise<boolean> {
    return this.#do(async () => {
      await api('DELETE', `/videos/${video.id}`);
      this.#listener.gone(video);
      toasts.add(t('video.deleted'));
    });
  }

  async #do(act: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    try {
      await act();
      return true;
    } catch (error) {
      toasts.error(messageOf(error));
      return false;
    } finally {
      this.busy = false;
    }
  }
}
