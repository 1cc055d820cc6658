import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../lib/session.svelte';
import { social } from '../lib/social.svelte';
import { toasts } from '../lib/toasts.svelte';
import type { Account, Video } from '../lib/types';
import type { View } from '../player/view';
import { Deck } from './deck.svelte';
import { isFollowed, Reactions } from './reactions.svelte';
import { Sheets } from './sheets.svelte';
import { FeedSource, type Clip } from './source.svelte';

const video = (id: string): Video =>
  ({ id, creator: { id: 'b', handle: 'bob', display_name: '' }, duration_ms: 10_000, liked: false, likes: 2, saved: false }) as unknown as Video;

let deck: Deck;
let sheets: Sheets;
let reactions: Reactions;
let view: View;
/** "METHOD /path", as the server was asked. */
let asked: string[];
let refuses: boolean;

const marks = () => view.end(0);

/** The reason the first clip is in the feed. */
function because(reason: Clip['reason']) {
  deck.source.clips = deck.source.clips.map((clip) => ({ ...clip, reason }));
}

beforeEach(() => {
  vi.useFakeTimers();
  session.account = { id: 'a', handle: 'ada' } as Account;
  social.forget();
  toasts.list = [];
  asked = [];
  refuses = false;
  vi.stubGlobal('fetch', async (path: string, { method = 'GET' }: RequestInit) => {
    asked.push(`${method} ${path.replace('/api/v1', '')}`);
    if (refuses) return Response.json({ detail: 'no' }, { status: 403 });
    const on = method === 'PUT';
    return Response.json({ liked: on, likes: on ? 3 : 2, saved: on, following: on });
  });
  const source = new FeedSource('for_you', { videos: [video('sea'), video('hills')], surface: 'for_you' });
  deck = new Deck(source, { moved: () => {}, entered: () => {} });
  sheets = new Sheets(false);
  reactions = new Reactions(deck, sheets);
  deck.watching.begin({ video: 'sea', duration_ms: 10_000, page: null, position: null, surface: 'for_you' });
  view = deck.watching.view!;
});

afterEach(() => {
  session.account = null;
  social.gate = null;
  vi.useRealTimers();
});

const answered = () => vi.advanceTimersByTimeAsync(0);

describe('a like', () => {
  it('is in the view once the server has it, and gone again when taken back', async () => {
    reactions.toggleLike();
    expect(marks()).not.toHaveProperty('liked');
    await answered();
    expect(marks()).toMatchObject({ liked: true });
    reactions.toggleLike();
    await answered();
    expect(asked).toEqual(['PUT /videos/sea/like', 'DELETE /videos/sea/like']);
    expect(marks()).not.toHaveProperty('liked');
  });

  it('is not in the view when the server refuses', async () => {
    refuses = true;
    reactions.toggleLike();
    await answered();
    expect(marks()).not.toHaveProperty('liked');
  });

  it('belongs to the clip that was on the screen', async () => {
    reactions.toggleLike();
    deck.index = 1;
    deck.watching.begin({ ...view.of, video: 'hills' });
    await answered();
    expect(marks()).toMatchObject({ video: 'sea', liked: true });
    expect(deck.watching.view?.end(0)).not.toHaveProperty('liked');
  });
});

describe('two taps', () => {
  it('like, and never take it back', async () => {
    reactions.likeAt(10, 20);
    await answered();
    reactions.likeAt(30, 40);
    await answered();
    expect(asked).toEqual(['PUT /videos/sea/like']);
    expect(reactions.hearts).toMatchObject([{ key: 0, x: 10, y: 20 }, { key: 0, x: 30, y: 40 }]);
    expect(new Set(reactions.hearts.map(({ tilt }) => tilt)).size).toBe(2);
    await vi.advanceTimersByTimeAsync(800);
    expect(reactions.hearts).toEqual([]);
  });

  it('are nothing new on a clip that one likes already', async () => {
    deck.source.clips = deck.source.clips.map((clip) => ({ ...clip, video: { ...clip.video, liked: true } }));
    reactions.likeAt(10, 20);
    await answered();
    expect(reactions.hearts).toHaveLength(1);
    expect(marks()).not.toHaveProperty('liked');
  });

  it('show nobody a heart who has to sign in first', () => {
    session.account = null;
    reactions.likeAt(10, 20);
    expect(reactions.hearts).toEqual([]);
    expect(social.gate).toBe('like');
  });
});

describe('saving', () => {
  it('asks where to, while the clip is there', async () => {
    await reactions.save();
    expect(marks()).toMatchObject({ saved: true });
    toasts.list.at(-1)?.action?.run();
    expect(sheets.over).toBe('collect');
    await reactions.save();
    expect(toasts.list.at(-1)?.action).toBeUndefined();
    expect(asked).toEqual(['PUT /videos/sea/save', 'DELETE /videos/sea/save']);
  });

  it('does not offer to collect the next clip', async () => {
    const saving = reactions.save();
    deck.index = 1;
    await saving;
    expect(toasts.list).toHaveLength(1);
    expect(toasts.list.at(-1)?.action).toBeUndefined();
  });
});

describe('following', () => {
  it('ends where the clip is there because one follows', async () => {
    because({ source: 'followed', text: '' } as Clip['reason']);
    expect(isFollowed(deck.current!)).toBe(true);
    await reactions.follow();
    expect(isFollowed(deck.current!)).toBe(false);
    await reactions.follow();
    expect(isFollowed(deck.current!)).toBe(true);
    expect(asked).toEqual(['DELETE /profiles/bob/follow', 'PUT /profiles/bob/follow']);
    expect(marks()).toMatchObject({ followed: true });
  });
});

describe('not interested', () => {
  it('is in the view at once', () => {
    sheets.menu = 'menu';
    reactions.notInterested();
    expect(sheets.menu).toBe('closed');
    expect(marks()).toMatchObject({ not_interested: true });
  });
});
