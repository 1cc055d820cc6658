// The comments of one video as the viewer sees them: changes show at once and are taken back if the server refuses.
import { SvelteMap } from 'svelte/reactivity';
import { api, post } from '../lib/api';
import { Paged } from '../lib/paged.svelte';
import { social } from '../lib/social.svelte';
import type { Account, Comment, CommentSort, Video } from '../lib/types';

interface Liking {
  likes: number;
  liked: boolean;
}

export class Thread {
  readonly list: Paged<Comment>;
  sort = $state<CommentSort>('top');
  /** Of each comment whose replies were asked for. */
  readonly replies = new SvelteMap<string, Paged<Comment>>();
  /** On its way to the server. */
  sending = $state.raw<Comment | null>(null);

  constructor(readonly video: Video) {
    this.list = new Paged<Comment>(this.#path());
  }

  #path(): string {
    return `/videos/${this.video.id}/comments?sort=${this.sort}`;
  }

  order(sort: CommentSort): Promise<void> {
    this.sort = sort;
    return this.list.restart(this.#path());
  }

  /** Opens the replies of a comment, or closes them. */
  toggle(comment: Comment): void {
    if (this.replies.delete(comment.id)) return;
    void this.#open(comment.id).more();
  }

  #open(id: string): Paged<Comment> {
    const open = this.replies.get(id) ?? new Paged<Comment>(`/comments/${id}/replies`);
    this.replies.set(id, open);
    return open;
  }

  /** What the server made of it: it may be held. Throws a Problem, and then nothing has changed. */
  async write(text: string, answered: Comment | null, account: Account): Promise<Comment> {
    this.sending = draftOf(this.video, text, answered, account);
    try {
      const made = await post<Comment>(`/videos/${this.video.id}/comments`, { text, ...(answered ? { parent: answered.id } : {}) });
      await this.#add(made);
      return made;
    } finally {
      this.sending = null;
    }
  }

  async #add(made: Comment): Promise<void> {
    if (made.state === 'live') social.countComments(this.video, 1);
    if (made.parent === null) {
      const pinned = this.list.items.filter(({ pinned }) => pinned);
      this.list.items = [...pinned, made, ...this.list.items.filter(({ pinned }) => !pinned)];
      return;
    }
    const parent = this.list.items.find(({ id }) => id === made.parent);
    if (parent && made.state === 'live') this.list.replace({ ...parent, replies: parent.replies + 1 });
    const open = this.#open(made.parent);
    if (!open.loaded) await open.more();
    if (!open.items.some(({ id }) => id === made.id)) open.items = [...open.items, made];
  }

  async edit(comment: Comment, text: string): Promise<Comment> {
    const now = await api<Comment>('PATCH', `/comments/${comment.id}`, { text });
    this.#replace(now);
    if (comment.state === 'live' && now.state === 'held') social.countComments(this.video, -1);
    return now;
  }

  /** One that has replies stays as a stub. */
  async remove(comment: Comment): Promise<void> {
    await api('DELETE', `/comments/${comment.id}`);
    if (comment.state === 'live') social.countComments(this.video, -1);
    if (comment.replies > 0) {
      this.#replace({ ...comment, text: '', state: 'removed', pinned: false });
      return;
    }
    const parent = this.list.items.find(({ id }) => id === comment.parent);
    if (parent && comment.state === 'live') this.list.replace({ ...parent, replies: Math.max(0, parent.replies - 1) });
    this.#listOf(comment)?.remove(comment.id);
  }

  async like(comment: Comment, on: boolean): Promise<void> {
    this.#replace({ ...comment, liked: on, likes: Math.max(0, comment.likes + (on ? 1 : -1)) });
    try {
      const now = await api<Liking>(on ? 'PUT' : 'DELETE', `/comments/${comment.id}/like`);
      this.#replace({ ...comment, ...now });
    } catch (error) {
      this.#replace(comment);
      throw error;
    }
  }

  /** A video has one pinned comment. */
  async pin(comment: Comment, on: boolean): Promise<void> {
    const now = await api<Comment>(on ? 'PUT' : 'DELETE', `/comments/${comment.id}/pin`);
    const others = this.list.items.filter(({ id }) => id !== now.id).map((other) => (on ? { ...other, pinned: false } : other));
    if (on) this.list.items = [now, ...others];
    else this.#replace(now);
  }

  async approve(comment: Comment): Promise<void> {
    this.#replace(await post<Comment>(`/comments/${comment.id}/approval`));
    social.countComments(this.video, 1);
  }

  #listOf(comment: Comment): Paged<Comment> | undefined {
    return comment.parent === null ? this.list : this.replies.get(comment.parent);
  }

  #replace(comment: Comment): void {
    this.#listOf(comment)?.replace(comment);
  }
}

/** How a comment looks before the server has answered. */
function draftOf(video: Video, text: string, answered: Comment | null, account: Account): Comment {
  const { id, handle, display_name } = account;
  return {
    id: 'sending',
    video: video.id,
    parent: answered && (answered.parent ?? answered.id),
    author: { id, handle, display_name },
    text,
    created_at: Date.now(),
    edited_at: null,
    likes: 0,
    liked: false,
    pinned: false,
    replies: 0,
    state: 'live',
    own: true,
    by_creator: video.own,
    withheld: false,
  };
}
