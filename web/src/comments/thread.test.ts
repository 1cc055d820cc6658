import { beforeEach, describe, expect, it, vi } from 'vitest';
import { social } from '../lib/social.svelte';
import type { Account, Comment, Video } from '../lib/types';
import { Thread } from './thread.svelte';

const video = { id: 'v1', comments: 3, own: true } as unknown as Video;
const ada = { id: 'a', handle: 'ada', display_name: 'Ada' } as unknown as Account;

function comment(id: string, of: Partial<Comment> = {}): Comment {
  const author = { id: 'b', handle: 'bob', display_name: '' };
  const state = { likes: 2, liked: false, pinned: false, replies: 0, state: 'live', own: false, by_creator: false, withheld: false } as const;
  return { id, video: 'v1', parent: null, author, text: id, created_at: 0, edited_at: null, ...state, ...of };
}

/** What the server answers, by "METHOD /path". */
let answers: Record<string, unknown>;

beforeEach(() => {
  social.forget();
  answers = { 'GET /videos/v1/comments?sort=top': { items: [comment('p', { pinned: true }), comment('one', { replies: 1 }), comment('two')], next: null } };
  vi.stubGlobal('fetch', async (path: string, { method }: RequestInit) => {
    const answer = answers[`${method} ${path.replace('/api/v1', '')}`];
    if (answer === null) return new Response(null, { status: 204 });
    return answer ? Response.json(answer) : Response.json({ detail: 'no' }, { status: 403 });
  });
});

async function opened(): Promise<Thread> {
  const thread = new Thread(video);
  await thread.list.more();
  return thread;
}
const ids = (thread: Thread) => thread.list.items.map(({ id }) => id);
const the = (thread: Thread, id: string) => thread.list.items.find((one) => one.id === id) ?? comment('none');

describe('a thread', () => {
  it('shows what is on its way, then what the server made of it, below the pinned one', async () => {
    const thread = await opened();
    answers['POST /videos/v1/comments'] = comment('new', { own: true });
    const writing = thread.write('new', null, ada);
    expect(thread.sending).toMatchObject({ text: 'new', author: { handle: 'ada' } });
    await writing;
    expect(thread.sending).toBeNull();
    expect(ids(thread)).toEqual(['p', 'new', 'one', 'two']);
    expect(social.commentsOf(video)).toBe(4);
  });

  it('changes nothing when the server refuses', async () => {
    const thread = await opened();
    await expect(thread.write('new', null, ada)).rejects.toThrow('No');
    await expect(thread.like(the(thread, 'two'), true)).rejects.toThrow('No');
    await expect(thread.remove(the(thread, 'two'))).rejects.toThrow('No');
    expect(thread.sending).toBeNull();
    expect(ids(thread)).toEqual(['p', 'one', 'two']);
    expect(the(thread, 'two')).toMatchObject({ likes: 2, liked: false });
    expect(social.commentsOf(video)).toBe(3);
  });

  it('opens the replies for one’s own, and counts it', async () => {
    const thread = await opened();
    answers['POST /videos/v1/comments'] = comment('mine', { parent: 'one', own: true });
    answers['GET /comments/one/replies'] = { items: [comment('first', { parent: 'one' }), comment('mine', { parent: 'one' })], next: null };
    await thread.write('mine', the(thread, 'one'), ada);
    expect(thread.replies.get('one')?.items.map(({ id }) => id)).toEqual(['first', 'mine']);
    expect(the(thread, 'one').replies).toBe(2);
  });

  it('does not count a held comment until it is approved', async () => {
    const thread = await opened();
    answers['POST /videos/v1/comments'] = comment('link', { state: 'held' });
    await thread.write('link', null, ada);
    expect(social.commentsOf(video)).toBe(3);
    answers['POST /comments/link/approval'] = comment('link');
    await thread.approve(the(thread, 'link'));
    expect(the(thread, 'link').state).toBe('live');
    expect(social.commentsOf(video)).toBe(4);
  });

  it('keeps a stub of what had replies, and nothing of what had none', async () => {
    const thread = await opened();
    answers['DELETE /comments/one'] = answers['DELETE /comments/two'] = null;
    await thread.remove(the(thread, 'one'));
    await thread.remove(the(thread, 'two'));
    expect(ids(thread)).toEqual(['p', 'one']);
    expect(the(thread, 'one')).toMatchObject({ state: 'removed', text: '' });
    expect(social.commentsOf(video)).toBe(1);
  });

  it('has one pinned comment, at its top', async () => {
    const thread = await opened();
    answers['PUT /comments/two/pin'] = comment('two', { pinned: true });
    await thread.pin(the(thread, 'two'), true);
    expect(ids(thread)).toEqual(['two', 'p', 'one']);
    expect(thread.list.items.filter(({ pinned }) => pinned)).toHaveLength(1);
  });
});
