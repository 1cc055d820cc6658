import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Paged } from './paged.svelte';

type Item = { id: string };
let asked: string[];
let answers: (() => Response)[];

const page = (ids: string, next: string | null) => () => Response.json({ items: [...ids].map((id) => ({ id })), next });
const idsOf = (list: Paged<Item>) => list.items.map(({ id }) => id).join('');

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path.replace('/api/v1', ''));
    return (answers.shift() ?? page('', null))();
  });
});

describe('a paged list', () => {
  it('goes on where the last page ended, without repeats, until there is no more', async () => {
    answers = [page('ab', 'x&y'), page('bc', null)];
    const list = new Paged<Item>('/things?sort=new');
    for (let times = 0; times < 4; times += 1) await list.more();
    expect(idsOf(list)).toBe('abc');
    expect(asked).toEqual(['/things?sort=new', '/things?sort=new&cursor=x%26y']);
    expect(list.first?.next).toBe('x&y');
  });

  it('says what went wrong and goes on after it', async () => {
    answers = [page('a', '1'), () => Response.json({ detail: 'busy' }, { status: 503 }), page('b', null)];
    const list = new Paged<Item>('/things');
    await list.more();
    await list.more();
    expect([idsOf(list), list.problem]).toEqual(['a', 'Busy']);
    await list.more();
    expect([idsOf(list), list.problem]).toEqual(['ab', null]);
  });

  it('tells what is missing from what is broken', async () => {
    answers = [() => Response.json({ detail: 'none' }, { status: 404 })];
    const list = new Paged<Item>('/things');
    await list.more();
    expect([list.missing, list.loaded]).toEqual([true, false]);
  });

  it('begins anew elsewhere, whatever of the old still comes', async () => {
    let late: (response: Response) => void = () => {};
    vi.stubGlobal('fetch', (path: string) =>
      path.includes('old') ? new Promise<Response>((resolve) => (late = resolve)) : Promise.resolve(page('n', null)()),
    );
    const list = new Paged<Item>('/old');
    const first = list.more();
    await list.restart('/new');
    late(page('o', null)());
    await first;
    expect(idsOf(list)).toBe('n');
  });
});
