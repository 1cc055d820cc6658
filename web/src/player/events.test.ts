import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../lib/types';
import { EventQueue, type Outside } from './events';
import { View } from './view';

const event = (id: string): WatchEvent => ({ id, video: 'v', surface: 'for_you', shown_at: 1, watched_ms: 10 });

/** A server and a disk that fail on demand. */
class World implements Outside {
  answers: (number | 'lost')[] = [];
  received: string[][] = [];
  beacons: string[][] = [];
  disk: WatchEvent[] = [];
  timers: { run: () => void; ms: number }[] = [];

  async send(body: string) {
    const ids = (JSON.parse(body) as { events: WatchEvent[] }).events.map((one) => one.id);
    this.received.push(ids);
    const answer = this.answers.shift() ?? 200;
    if (answer === 'lost') throw new TypeError('network');
    return answer;
  }
  beacon(body: string) {
    this.beacons.push((JSON.parse(body) as { events: WatchEvent[] }).events.map((one) => one.id));
    return true;
  }
  read = () => this.disk;
  write(events: WatchEvent[]) {
    this.disk = events;
  }
  later(run: () => void, ms: number) {
    const timer = { run, ms };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((other) => other !== timer));
  }
}

describe('EventQueue', () => {
  it('keeps events on disk until the server holds them', async () => {
    const world = new World();
    const queue = new EventQueue(world);
    queue.add(event('a'));
    expect(world.disk).toHaveLength(1);
    expect(await queue.flush()).toBe(true);
    expect(world.received).toEqual([['a']]);
    expect(world.disk).toEqual([]);
  });

  it('sends again with the same ids, waiting longer each time', async () => {
    const world = new World();
    world.answers = ['lost', 503, 200];
    const queue = new EventQueue(world);
    queue.add(event('a'));
    expect(await queue.flush()).toBe(false);
    expect(world.timers.map((timer) => timer.ms)).toEqual([1000]);
    expect(await queue.flush()).toBe(false);
    expect(world.timers.map((timer) => timer.ms)).toEqual([2000]);
    expect(await queue.flush()).toBe(true);
    expect(world.received).toEqual([['a'], ['a'], ['a']]);
    expect(queue.waiting).toBe(0);
  });

  it('keeps what is added while a batch is on its way', async () => {
    const world = new World();
    const queue = new EventQueue(world);
    queue.add(event('a'));
    const first = queue.flush();
    queue.add(event('b'));
    await first;
    await queue.flush();
    expect(world.received.flat()).toEqual(['a', 'b']);
    expect(world.disk).toEqual([]);
  });

  it('takes up what an earlier visit left', async () => {
    const world = new World();
    world.disk = [event('old')];
    const queue = new EventQueue(world);
    expect(world.timers).toHaveLength(1);
    await queue.flush();
    expect(world.received).toEqual([['old']]);
  });

  it('sends in batches, and drops one that can never be taken', async () => {
    const world = new World();
    world.answers = [400];
    const queue = new EventQueue(world);
    for (let i = 0; i < 60; i += 1) queue.add(event(`e${i}`));
    await queue.flush();
    expect(world.received.map((batch) => batch.length)).toEqual([50, 10]);
    expect(queue.waiting).toBe(0);
  });

  it('hands over on leaving without forgetting', () => {
    const world = new World();
    const queue = new EventQueue(world);
    queue.beforeLeave = () => queue.add(event('last'));
    queue.leave();
    expect(world.beacons).toEqual([['last']]);
    expect(world.disk.map((one) => one.id)).toEqual(['last']);
  });
});

describe('View', () => {
  const of = { video: 'v', duration_ms: 5000, page: 'p', position: 2, surface: 'for_you' as const };

  it('counts only the time in which frames moved', () => {
    const view = new View(of, 1_700_000_000_000);
    view.run(100);
    view.run(600);
    view.rest(1100);
    view.rest(1500);
    view.run(2000);
    expect(view.end(2500)).toMatchObject({ video: 'v', page: 'p', position: 2, watched_ms: 1500, shown_at: 1_700_000_000_000 });
  });

  it('says nothing of what did not happen', () => {
    const ended = new View({ ...of, page: null, position: null }, 1).end(0);
    expect(Object.keys(ended).sort()).toEqual(['id', 'shown_at', 'surface', 'video', 'watched_ms']);
    expect(ended.id).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  });

  it('knows the end, loops and marks', () => {
    const view = new View(of, 1);
    view.reached(4700);
    expect(view.end(0).finished).toBe(true);
    const again = new View(of, 1);
    again.wentRound();
    again.wentRound();
    again.mark('liked');
    again.mark('shared');
    again.mark('liked', false);
    const ended = again.end(0);
    expect(ended).toMatchObject({ loops: 2, finished: true, shared: true });
    expect(ended.liked).toBeUndefined();
  });
});
