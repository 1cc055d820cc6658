import { beforeEach, describe, expect, it, vi } from 'vitest';
import { choices } from '../lib/choices.svelte';
import type { Choices, FeedPage, Video } from '../lib/types';

vi.mock('../player/events', () => ({ events: () => ({ flush: () => Promise.resolve(true) }) }));
const { FeedSource } = await import('./source.svelte');

const none: Choices = { personalised: true, topics: [], muted_tags: [], muted_creators: [] };

/** "ada sea": a clip of ada's about the sea. */
function video(words: string): Video {
  const [handle = '', ...tags] = words.split(' ');
  return { id: words, creator: { id: `id-${handle}`, handle, display_name: '' }, tags } as unknown as Video;
}

/** The server: pages as they are asked for, each clip named by its words. */
let pages: { words: string[]; end?: boolean }[];
let asked: string[];
let kept: Choices;
/** Pages wait for it. */
let held: Promise<void>;

beforeEach(() => {
  pages = [];
  asked = [];
  kept = none;
  held = Promise.resolve();
  choices.value = none;
  vi.stubGlobal('fetch', async (path: string, request: RequestInit) => {
    if (path.endsWith('/feed/preferences')) {
      if (request.method === 'PUT') {
        const sent = JSON.parse(request.body as string) as Omit<Choices, 'muted_creators'> & { muted_creators: string[] };
        kept = { ...sent, muted_creators: sent.muted_creators.map((id) => ({ id, handle: id, display_name: '' })) };
      }
      return Response.json(kept);
    }
    asked.push(path);
    const { words, end = false } = pages.shift() ?? { words: [], end: true };
    await held;
    const page: FeedPage = { page: 'p', items: words.map((one) => ({ video: video(one), reason: null })), end, rest: null };
    return Response.json(page);
  });
});

const shown = (source: InstanceType<typeof FeedSource>) => source.clips.map((clip) => clip.video.id);
const ada = { id: 'id-ada', handle: 'ada', display_name: '' };

describe('muting', () => {
  it('takes clips ahead away, not the one on the screen, and brings them back when undone', async () => {
    pages = [{ words: ['ada sea', 'bob sea', 'ada hills', 'cleo hills'], end: true }];
    const source = new FeedSource('for_you');
    await source.more();
    await choices.muteCreator(ada, true);
    source.sift();
    expect(shown(source)).toEqual(['ada sea', 'bob sea', 'cleo hills']);
    await choices.muteTag('hills', true);
    source.sift();
    expect(shown(source)).toEqual(['ada sea', 'bob sea']);
    await choices.muteCreator(ada, false);
    source.sift();
    expect(shown(source)).toEqual(['ada sea', 'bob sea']);
    await choices.muteTag('hills', false);
    source.sift();
    expect(shown(source)).toEqual(['ada sea', 'bob sea', 'ada hills', 'cleo hills']);
  });

  it('goes on to the next page when nothing of one is left', async () => {
    await choices.muteCreator(ada, true);
    pages = [{ words: ['ada sea', 'ada hills'] }, { words: ['bob sea'] }];
    const source = new FeedSource('fresh');
    await source.more();
    expect(shown(source)).toEqual(['bob sea']);
  });

  it('leaves alone whom one follows and what one opened', async () => {
    await choices.muteCreator(ada, true);
    pages = [{ words: ['ada sea', 'ada hills'], end: true }];
    const source = new FeedSource('following');
    await source.more();
    expect(shown(source)).toEqual(['ada sea', 'ada hills']);
    const opened = new FeedSource('for_you', { videos: [video('bob sea'), video('ada sea')], surface: 'profile' });
    opened.sift();
    expect(shown(opened)).toEqual(['bob sea', 'ada sea']);
  });
});

describe('choosing', () => {
  it('asks anew for what is ahead; the clip on the screen stays', async () => {
    pages = [{ words: ['ada sea', 'bob sea', 'cleo hills'] }];
    const source = new FeedSource('for_you');
    await source.more();
    source.renew();
    expect(shown(source)).toHaveLength(3);
    await choices.chooseTopic('hills', true);
    pages = [{ words: ['cleo hills', 'dan hills'], end: true }];
    source.renew();
    expect(shown(source)).toEqual(['ada sea']);
    await source.more();
    expect(shown(source)).toEqual(['ada sea', 'cleo hills', 'dan hills']);
    expect(asked.at(-1)).toContain('start=1');
  });

  it('drops a page that was on its way for the choices before', async () => {
    pages = [{ words: ['ada sea'] }, { words: ['bob sea'] }, { words: ['cleo hills'], end: true }];
    const source = new FeedSource('for_you');
    await source.more();
    let letGo = () => {};
    held = new Promise((resolve) => (letGo = resolve));
    const underWay = source.more();
    await choices.chooseTopic('hills', true);
    source.renew();
    letGo();
    await underWay;
    expect(shown(source)).toEqual(['ada sea', 'cleo hills']);
  });

  it('begins a visit with the first page only', async () => {
    pages = [{ words: ['ada sea'] }, { words: ['bob sea'], end: true }];
    const source = new FeedSource('following');
    await source.more();
    await source.more();
    expect(asked.map((path) => path.includes('start=1'))).toEqual([true, false]);
  });
});

describe('a choice that the server refuses', () => {
  it('is taken back', async () => {
    vi.stubGlobal('fetch', async (_: string, request: RequestInit) =>
      request.method === 'PUT' ? Response.json({ detail: 'full' }, { status: 400 }) : Response.json(none));
    const done = choices.muteTag('sea', true);
    expect(choices.mutesTag('sea')).toBe(true);
    expect(await done).toBe(false);
    expect(choices.mutesTag('sea')).toBe(false);
  });
});
