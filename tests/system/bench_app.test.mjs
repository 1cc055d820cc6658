// `vitrine bench world` and `bench app`, end to end in a tiny world: whether they work, not how quick anything is.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { binary, temporaryFolder } from '../browser/harness/server.mjs';

const endsAt = 1_795_600_000_000;
const sizes = ['--videos', '200', '--comments', '2000', '--accounts', '300'];

describe('the bench of the whole service', () => {
  let folder;
  before(() => {
    folder = temporaryFolder('bench-app');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const make = (name, seed, end = endsAt) => {
    const data = join(folder, name);
    execFileSync(binary, ['bench', 'world', '--data', data, ...sizes, '--seed', String(seed), '--ends-at', String(end)],
      { stdio: 'ignore' });
    return data;
  };
  /** Of the rows and of what the feed heard. */
  const contents = (data) => {
    const hash = createHash('sha256').update(readFileSync(join(data, 'vitrine.db')));
    for (const name of readdirSync(join(data, 'events')).sort()) hash.update(readFileSync(join(data, 'events', name)));
    return hash.digest('hex');
  };

  test('the same seed makes the same world, another seed another', () => {
    const [one, same, other] = [make('one', 1), make('same', 1), make('other', 2)].map(contents);
    assert.equal(one, same);
    assert.notEqual(one, other);
  });

  test('a place that is not empty is left as it is', () => {
    const before = contents(join(folder, 'one'));
    const again = spawnSync(binary, ['bench', 'world', '--data', join(folder, 'one'), ...sizes], { encoding: 'utf8' });
    assert.equal(again.status, 1);
    assert.match(again.stderr, /choose an empty --data/);
    assert.equal(contents(join(folder, 'one')), before);
  });

  test('every kind of request is answered as it should be', () => {
    const data = make('now', 3, Date.now());
    const options = ['--rate', '100', '--seconds', '6', '--people', '100', '--json'];
    const run = spawnSync(binary, ['bench', 'app', '--data', data, ...options], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const { bench, results } = JSON.parse(run.stdout.trim().split('\n').at(-1));
    assert.equal(bench, 'app');
    const figure = Object.fromEntries(results.map(({ name, value }) => [name, value]));
    assert.equal(figure.errors, 0);
    assert.equal(figure.answered_429, 0);
    for (const group of ['feed', 'search', 'comments', 'profile', 'notifications', 'writes']) {
      assert.ok(figure[`${group}_answers`] > 0, group);
      const [p50, p90, p99, max] = ['p50', 'p90', 'p99', 'max'].map((part) => figure[`${group}_${part}_ms`]);
      assert.ok(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max, group);
    }
    assert.equal(results.find(({ name }) => name === 'feed_p99_ms').reference_value, 50);
  });

  test('without a world it says how to make one', () => {
    const run = spawnSync(binary, ['bench', 'app', '--data', join(folder, 'nothing')], { encoding: 'utf8' });
    assert.equal(run.status, 1);
    assert.match(run.stderr, /vitrine bench world --data/);
  });
});
