// Likes, saves and follows as the viewer sees them: shown at once, taken back if the server refuses.
import { SvelteMap } from 'svelte/reactivity';
import { api, get, messageOf, Problem } from './api';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';
import type { Profile, Video } from './types';

interface Liking {
  liked: boolean;
  likes: number;
}

export type Gate = 'like' | 'follow' | 'save' | 'repost' | 'report';

class Social {
  #likes = new SvelteMap<string, Liking>();
  #follows = new SvelteMap<string, boolean>();
  #saves = new SvelteMap<string, boolean>();
  #reposts = new SvelteMap<string, boolean>();
  /** How many comments there are more, or fewer, since the server said how many. */
  #comments = new SvelteMap<string, { said: number; since: number }>();
  #asked = new Set<string>();
  /** Why the viewer is being asked to sign in. */
  gate = $state<Gate | null>(null);

  likeOf(video: Video): Liking {
    return this.#likes.get(video.id) ?? { liked: video.liked, likes: video.likes };
  }

  saved(video: Video): boolean {
    return this.#saves.get(video.id) ?? video.saved;
  }

  setSaved(video: Video, on: boolean): void {
    this.#saves.set(video.id, on);
  }

  reposted(video: Video): boolean {
    return this.#reposts.get(video.id) ?? video.reposted;
  }

  commentsOf(video: Video): number {
    const known = this.#comments.get(video.id);
    return known?.said === video.comments ? Math.max(0, known.said + known.since) : video.comments;
  }

  countComments(video: Video, by: number): void {
    const since = this.commentsOf(video) - video.comments + by;
    this.#comments.set(video.id, { said: video.comments, since });
  }

  follows(handle: string): boolean {
    return this.#follows.get(handle) ?? false;
  }

  knows(handle: string): boolean {
    return this.#follows.has(handle);
  }

  setFollows(handle: string, on: boolean): void {
    this.#follows.set(handle, on);
  }

  forget(): void {
    this.#likes.clear();
    this.#follows.clear();
    this.#saves.clear();
    this.#reposts.clear();
    this.#comments.clear();
    this.#asked.clear();
  }

  /** Whether one follows a creator is asked once, when first of interest. */
  async learnFollow(handle: string): Promise<void> {
    if (!session.account || this.#follows.has(handle) || this.#asked.has(handle)) return;
    this.#asked.add(handle);
    try {
      const profile = await get<Profile>(`/profiles/${encodeURIComponent(handle)}`);
      if (!this.#follows.has(handle)) this.#follows.set(handle, profile.followed);
    } catch {
      this.#asked.delete(handle);
    }
  }

  async like(video: Video, on: boolean): Promise<boolean> {
    if (!session.account) {
      this.gate = 'like';
      return false;
    }
    const before = this.likeOf(video);
    if (before.liked === on) return true;
    this.#likes.set(video.id, { liked: on, likes: Math.max(0, before.likes + (on ? 1 : -1)) });
    try {
      this.#likes.set(video.id, await api<Liking>(on ? 'PUT' : 'DELETE', `/videos/${video.id}/like`));
      return true;
    } catch (error) {
      this.#likes.set(video.id, before);
      this.#refused(error, 'like');
      return false;
    }
  }

  save(video: Video, on: boolean): Promise<boolean> {
    const kept = async () => (await api<{ saved: boolean }>(on ? 'PUT' : 'DELETE', `/videos/${video.id}/save`)).saved;
    return this.#toggle('save', this.#saves, video.id, on, kept);
  }

  repost(video: Video, on: boolean): Promise<boolean> {
    const kept = async () => (await api<{ reposted: boolean }>(on ? 'PUT' : 'DELETE', `/videos/${video.id}/repost`)).reposted;
    return this.#toggle('repost', this.#reposts, video.id, on, kept);
  }

  follow(handle: string, on: boolean): Promise<boolean> {
    const path = `/profiles/${encodeURIComponent(handle)}/follow`;
    const kept = async () => (await api<{ following: boolean }>(on ? 'PUT' : 'DELETE', path)).following;
    return this.#toggle('follow', this.#follows, handle, on, kept);
  }

  /** Shows the change at once, then what `kept` says the server keeps. */
  async #toggle(gate: Gate, map: SvelteMap<string, boolean>, key: string, on: boolean, kept: () => Promise<boolean>): Promise<boolean> {
    if (!session.account) {
      this.gate = gate;
      return false;
    }
    const before = map.get(key);
    map.set(key, on);
    try {
      map.set(key, await kept());
      return true;
    } catch (error) {
      // What nobody had said before is as it came with the clip.
      if (before === undefined) map.delete(key);
      else map.set(key, before);
      this.#refused(error, gate);
      return false;
    }
  }

  #refused(error: unknown, gate: Gate): void {
    if (error instanceof Problem && error.status === 401) {
      session.enter(null);
      this.gate = gate;
    } else {
      toasts.error(messageOf(error));
    }
  }
}

export const social = new Social();
