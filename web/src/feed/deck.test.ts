import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../lib/session.svelte';
import type { Account, Video, WatchEvent } from '../lib/types';
import { veil } from '../lib/veil.svelte';
import { pauses } from '../player/pauses.svelte';
import { sound } from '../player/sound.svelte';
import { TestElement } from '../player/test_element';
import { Deck } from './deck.svelte';
import { ring_size } from './ring';
import { FeedSource } from './source.svelte';

const video = (id: string, sensitive = false): Video =>
  ({
    id,
    duration_ms: 10_000,
    width: 9,
    height: 16,
    sources: [{ url: `/media/${id}.mp4`, height: 1280, bitrate: 1_000_000 }],
    hls: null,
    has_audio: true,
    sensitive,
  }) as unknown as Video;

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';

  become(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;
let elements: TestElement[];
let deck: Deck;
/** What happened, in order. */
let happened: string[];
let sent: WatchEvent[];
/** Media whose beginnings were fetched ahead. */
let fetched: string[];
let marked: string[];
let end: (() => void) | null;

/** By slot, what is on the elements. */
const loaded = () => elements.map(({ src }) => src.replace(/\/media\/(.*)\.mp4/, '$1'));
const playing = () => elements.filter(({ paused }) => !paused).map(({ src }) => src);
const source = (...ids: string[]) => {
  const made = new FeedSource('for_you', { videos: ids.map((id) => video(id)), surface: 'profile' });
  made.ended = true;
  return made;
};

/** The first frames of what is loaded are there, and what waits for them has been done. */
async function present() {
  for (const element of elements) if (element.src) element.present();
  await vi.advanceTimersByTimeAsync(100);
}

function open(from: FeedSource) {
  deck = new Deck(from, {
    moved: () => happened.push(`moved to ${deck.index}`),
    entered: (clip) => happened.push(`entered ${clip.video.id}`),
  });
  elements.forEach((element, n) => {
    element.addEventListener('playing', () => happened.push(`plays ${loaded()[n]}`));
    deck.equip(n, element.video);
  });
  end = deck.begin();
}

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  happened = [];
  sent = [];
  fetched = [];
  marked = [];
  elements = Array.from({ length: ring_size }, () => new TestElement());
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('navigator', { sendBeacon: () => true });
  vi.stubGlobal('devicePixelRatio', 1);
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16));
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2, HAVE_ENOUGH_DATA: 4 });
  vi.stubGlobal('fetch', async (path: string, request: RequestInit) => {
    if (path === '/api/v1/events') sent.push(...(JSON.parse(request.body as string) as { events: WatchEvent[] }).events);
    if (path.startsWith('/media/')) fetched.push(path);
    return new Response('{}');
  });
  vi.spyOn(performance, 'mark').mockImplementation((name, options) => {
    marked.push(`${name.replace('vitrine:', '')} ${(options?.detail as { video: string }).video}`);
    return {} as PerformanceMark;
  });
});

afterEach(async () => {
  end?.();
  end = null;
  pauses.sheet = null;
  session.account = null;
  veil.forget();
  sound.blocked = sound.wanted = false;
  await vi.advanceTimersByTimeAsync(1_000);
  vi.useRealTimers();
});

describe('the clips that are loaded', () => {
  it('are the one on the screen, then its neighbours once its first frame is there', async () => {
    open(source('a', 'b', 'c'));
    expect(loaded()).toEqual(['a', '', '']);
    await present();
    expect(loaded()).toEqual(['a', 'b', '']);
    expect(playing()).toEqual(['/media/a.mp4']);
    expect(deck.ready).toEqual([true, false, false]);
  });

  it('follow each step; what is two places off makes room', async () => {
    open(source('a', 'b', 'c', 'd'));
    await present();
    deck.step(1);
    await present();
    expect(loaded()).toEqual(['a', 'b', 'c']);
    deck.step(1);
    await present();
    expect(loaded()).toEqual(['d', 'b', 'c']);
    expect(playing()).toEqual(['/media/c.mp4']);
  });

  it('stay loaded when one goes back, and nothing lies past the last', async () => {
    open(source('a', 'b', 'c'));
    await present();
    deck.step(1);
    await present();
    deck.step(-1);
    await present();
    expect(loaded()).toEqual(['a', 'b', 'c']);
    deck.step(1);
    deck.step(1);
    await present();
    expect(loaded()).toEqual(['', 'b', 'c']);
  });

  it('do not take the network from the one on the screen', async () => {
    open(source('a', 'b', 'c'));
    deck.step(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(loaded()).toEqual(['a', 'b', '']);
  });

  it('start where the source was left, and tell it where they are', async () => {
    const left = source('a', 'b', 'c');
    left.index = 1;
    open(left);
    expect(loaded()).toEqual(['', 'b', '']);
    await present();
    expect(loaded()).toEqual(['a', 'b', 'c']);
    deck.step(1);
    expect(left.index).toBe(2);
  });

  it('have the beginnings of two more fetched once the next is ready', async () => {
    open(source('k', 'l', 'm', 'n', 'o'));
    await present();
    expect(fetched).toEqual([]);
    await present();
    expect(fetched).toEqual(['/media/m.mp4', '/media/n.mp4']);
  });

  it('have them fetched only when the one on the screen has all it needs', async () => {
    open(source('p', 'q', 'r'));
    elements[0]!.readyState = 3;
    await present();
    await present();
    expect(fetched).toEqual([]);
    elements[0]!.readyState = 4;
    elements[0]!.tell('canplaythrough');
    expect(fetched).toEqual(['/media/r.mp4']);
  });

  it('come to who waits for them at the end', async () => {
    const slow = source();
    open(slow);
    expect(happened).toEqual([]);
    slow.clips = source('a', 'b').clips;
    deck.arrived();
    expect(happened).toEqual(['plays a', 'entered a']);
    await present();
    slow.clips = [...slow.clips, ...source('c').clips];
    deck.arrived();
    expect(happened).toEqual(['plays a', 'entered a']);
  });

  it('are let go at the end', async () => {
    open(source('a', 'b'));
    await present();
    end?.();
    end = null;
    expect(loaded()).toEqual(['', '', '']);
  });

  it('are tried once more when asked for', () => {
    open(source('a', 'b'));
    elements[0]!.error = { code: 4 };
    elements[0]!.tell('error');
    expect(deck.broken).toEqual([true, false, false]);
    happened = [];
    deck.retry(0);
    expect(deck.broken).toEqual([false, false, false]);
    expect(happened).toEqual(['plays a', 'entered a']);
  });
});

describe('a step', () => {
  it('is shown before anything is done with the clip that comes', async () => {
    open(source('a', 'b', 'c'));
    await present();
    happened = [];
    expect(deck.step(1)).toBe(true);
    expect(happened).toEqual(['moved to 1', 'plays b', 'entered b']);
  });

  it('leaves the slides where they are until its first frames are out', async () => {
    open(source('a', 'b', 'c', 'd'));
    await present();
    deck.step(1);
    expect(deck.places).toEqual([0, 1, -1]);
    await vi.advanceTimersByTimeAsync(60);
    expect(deck.places).toEqual([0, 1, 2]);
    deck.step(1);
    deck.step(1);
    expect(deck.places).toEqual([3, 4, 2]);
  });

  it('does not lead before the first, nor past the card after the last', () => {
    open(source('a', 'b'));
    expect(deck.step(-1)).toBe(false);
    expect(deck.step(0)).toBe(false);
    expect([deck.step(1), deck.step(1), deck.step(1)]).toEqual([true, true, false]);
    expect(deck.index).toBe(2);
    expect(deck.current).toBeNull();
    expect(playing()).toEqual([]);
  });

  it('is marked with its first frame, which may be there already', async () => {
    open(source('a', 'b', 'c'));
    await present();
    expect(marked).toEqual(['first-frame a', 'cold-first-frame a']);
    await present();
    deck.step(1);
    await vi.advanceTimersByTimeAsync(16);
    expect(marked.slice(2)).toEqual(['swipe b', 'first-frame b']);
    deck.step(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(marked.slice(4)).toEqual(['swipe c']);
    await present();
    expect(marked.slice(4)).toEqual(['swipe c', 'first-frame c']);
  });

  it('plays, though the clip before was paused', async () => {
    open(source('a', 'b'));
    deck.toggle();
    deck.step(1);
    expect(deck.paused).toBe(false);
    expect(playing()).toEqual(['/media/b.mp4']);
  });

  it('rewinds what it leaves once that is out of sight, unless one has come back', async () => {
    open(source('a', 'b', 'c'));
    await present();
    elements[0]!.currentTime = 4;
    deck.step(1);
    await vi.advanceTimersByTimeAsync(449);
    expect(elements[0]!.currentTime).toBe(4);
    await vi.advanceTimersByTimeAsync(1);
    expect(elements[0]!.currentTime).toBe(0);
    elements[1]!.currentTime = 3;
    deck.step(1);
    deck.step(-1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(elements[1]!.currentTime).toBe(3);
  });

  it('ends the view and sends it', async () => {
    open(source('a', 'b'));
    await present();
    await vi.advanceTimersByTimeAsync(900);
    deck.step(1);
    await vi.advanceTimersByTimeAsync(60);
    expect(sent).toMatchObject([{ video: 'a', surface: 'profile', watched_ms: 1_000 }]);
  });
});

describe('playing', () => {
  beforeEach(async () => {
    open(source('a', 'b'));
    await present();
  });

  it('rests while a break is asked for, and goes on unless the viewer had paused', () => {
    pauses.sheet = 'break';
    deck.hold(true);
    expect(playing()).toEqual([]);
    expect(deck.step(1)).toBe(false);
    deck.toggle();
    expect(playing()).toEqual([]);
    pauses.sheet = null;
    deck.hold(false);
    expect(playing()).toEqual(['/media/a.mp4']);
    deck.toggle();
    deck.hold(true);
    deck.hold(false);
    expect(deck.paused).toBe(true);
    expect(playing()).toEqual([]);
  });

  it('rests while the page is hidden, and what comes after is another view', () => {
    const first = deck.watching.view;
    page.become('visible');
    expect(deck.watching.view).toBe(first);
    page.become('hidden');
    expect(playing()).toEqual([]);
    expect(deck.watching.view).toBeNull();
    page.become('visible');
    expect(playing()).toEqual(['/media/a.mp4']);
    expect(deck.watching.view?.of).toEqual(first?.of);
  });

  it('does not begin while the page is hidden', () => {
    page.become('hidden');
    deck.step(1);
    expect(playing()).toEqual([]);
    page.become('visible');
    expect(playing()).toEqual(['/media/b.mp4']);
  });

  it('waits for the veil to be lifted', () => {
    deck.source.clips = deck.source.clips.map((clip) => ({ ...clip, video: video(clip.video.id, clip.video.id === 'b') }));
    deck.step(1);
    deck.toggle();
    expect(playing()).toEqual([]);
    veil.lift('b');
    deck.play();
    expect(playing()).toEqual(['/media/b.mp4']);
  });

  it('is what counts against the time of the day', () => {
    const limits = { daily_minutes: 1, used_seconds: 0, extra_minutes: 0, rest: 'none', until: null, night_at: null };
    session.account = { id: 'ada', limits } as Account;
    deck.toggle();
    vi.advanceTimersByTime(120_000);
    expect(pauses.resting).toBeNull();
    deck.toggle();
    vi.advanceTimersByTime(55_000);
    expect(pauses.resting).toBeNull();
    vi.advanceTimersByTime(10_000);
    expect(pauses.resting).toBe('kept');
  });

  it('rests while the viewer seeks, and stays within the clip', () => {
    elements[0]!.currentTime = 4;
    deck.seekBy(-5);
    expect(elements[0]!.currentTime).toBe(0);
    deck.seekBy(50);
    expect(elements[0]!.currentTime).toBeCloseTo(9.95);
    deck.scrub(true);
    expect(playing()).toEqual([]);
    deck.scrub(false);
    expect(playing()).toEqual(['/media/a.mp4']);
  });

  it('goes on in silence where the browser wants a touch before it is heard', async () => {
    deck.toggleSound();
    expect(elements.map(({ muted }) => muted)).toEqual([false, false, false]);
    elements[1]!.wants_touch = true;
    deck.step(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(playing()).toEqual(['/media/b.mp4']);
    expect(elements[1]!.muted).toBe(true);
    expect(sound.muted).toBe(true);
  });
});
