import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestElement } from './test_element';
import type { View } from './view';
import { Watching } from './watching.svelte';

const of = { video: 'sea', duration_ms: 10_000, page: 'p', position: 2, surface: 'for_you' } as const;

let element: TestElement;
let watching: Watching;
let on_screen: boolean;
let view: View;

const told = () => view.end(performance.now());

beforeEach(() => {
  vi.useFakeTimers();
  element = new TestElement();
  on_screen = true;
  watching = new Watching();
  watching.listen(element.video, () => on_screen);
  watching.enter();
  watching.begin(of);
  view = watching.view!;
});
afterEach(() => void vi.useRealTimers());

describe('what counts as watched', () => {
  it('is the time in which frames move', () => {
    element.play();
    vi.advanceTimersByTime(1_000);
    element.tell('waiting');
    vi.advanceTimersByTime(700);
    element.tell('playing');
    vi.advanceTimersByTime(200);
    element.pause();
    vi.advanceTimersByTime(5_000);
    expect(told()).toMatchObject({ video: 'sea', page: 'p', position: 2, watched_ms: 1_200 });
  });

  it('is not what an element does that is not on the screen', () => {
    on_screen = false;
    element.play();
    vi.advanceTimersByTime(1_000);
    element.tell('timeupdate', 'seeking', 'waiting');
    vi.advanceTimersByTime(1_000);
    expect(told()).toMatchObject({ watched_ms: 0 });
    expect(watching.waiting).toBe(false);
  });

  it('goes round by itself, not by the viewer’s hand', () => {
    element.play();
    watching.scrub(true);
    element.currentTime = 0;
    element.tell('seeking');
    watching.scrub(false);
    // The element is late with what the finger did.
    vi.advanceTimersByTime(50);
    element.tell('seeking');
    vi.advanceTimersByTime(50);
    expect(view.end(0)).not.toHaveProperty('loops');
    element.tell('seeking');
    expect(told()).toMatchObject({ loops: 1, finished: true });
  });

  it('is finished near the end, however it got there but by scrubbing', () => {
    element.play();
    element.currentTime = 9.8;
    watching.scrub(true);
    element.tell('timeupdate');
    expect(view.end(0)).not.toHaveProperty('finished');
    watching.scrub(false);
    vi.advanceTimersByTime(100);
    element.tell('timeupdate');
    expect(told()).toMatchObject({ finished: true });
  });
});

describe('waiting', () => {
  it('is shown when it lasts, until frames move', () => {
    element.play();
    element.tell('waiting');
    vi.advanceTimersByTime(349);
    expect(watching.waiting).toBe(false);
    vi.advanceTimersByTime(1);
    expect(watching.waiting).toBe(true);
    element.tell('timeupdate');
    expect(watching.waiting).toBe(false);
  });

  it('is not shown when frames come in time', () => {
    element.play();
    element.tell('waiting');
    vi.advanceTimersByTime(300);
    element.tell('timeupdate');
    vi.advanceTimersByTime(1_000);
    expect(watching.waiting).toBe(false);
  });

  it('is not shown of a clip that has left the screen', () => {
    element.tell('waiting');
    on_screen = false;
    vi.advanceTimersByTime(1_000);
    expect(watching.waiting).toBe(false);
  });
});

describe('a stall', () => {
  const stalls = vi.fn();

  beforeEach(() => {
    stalls.mockReset();
    vi.spyOn(performance, 'mark').mockImplementation(stalls);
  });

  it('is a wait after frames have moved', () => {
    element.tell('waiting');
    expect(stalls).not.toHaveBeenCalled();
    element.play();
    vi.advanceTimersByTime(1_000);
    element.tell('waiting');
    expect(stalls).toHaveBeenCalledExactlyOnceWith('vitrine:stall', { detail: { video: 'sea' } });
    watching.enter();
    watching.begin({ ...of, video: 'hills' });
    element.tell('waiting');
    expect(stalls).toHaveBeenCalledOnce();
  });

  it('is not a wait that a seek brings with it', () => {
    element.play();
    vi.advanceTimersByTime(1_000);
    element.tell('seeking');
    vi.advanceTimersByTime(499);
    element.tell('waiting');
    expect(stalls).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    element.tell('waiting');
    expect(stalls).toHaveBeenCalledOnce();
  });
});
