// The drills as an operator runs them, their figures as they come, and receipts checked by the second implementation.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { binary, temporaryFolder } from '../browser/harness/server.mjs';

describe('drills', () => {
  const { drills, broken } = JSON.parse(execFileSync(binary, ['drill', 'all', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  test('all of the design are there', () => {
    assert.deepEqual(drills.map((one) => one.drill), ['december', 'patched-vault', 'foreign-order', 'bulk', 'hidden-entry', 'split-view', 'rollback', 'markers', 'restore']);
    assert.equal(broken, 0);
  });
  for (const { drill, promise, steps } of drills)
    test(`${drill}: ${promise}`, () => {
      for (const { tried, held, outcome } of steps) assert.ok(held, `${tried}: ${outcome}`);
      assert.ok(steps.length >= 3);
    });
  test('one that does not exist is a usage error', () => {
    assert.equal(spawnSync(binary, ['drill', 'nonsense']).status, 2);
  });
});

describe('markers', () => {
  test('are found in every spelling, and not where they are not', () => {
    const folder = temporaryFolder('markers');
    const marker = 'planted-7f3a@example.org';
    const audit = () => spawnSync(binary, ['audit', 'markers', folder, '--marker', marker, '--json'], { encoding: 'utf8' });
    writeFileSync(join(folder, 'clean'), 'nothing here');
    assert.deepEqual(JSON.parse(audit().stdout), { files: 1, hits: [] });
    const spellings = { plain: marker, hex: Buffer.from(marker).toString('hex'), base64: Buffer.from(`a${marker}`).toString('base64'), 'utf-16': Buffer.from(marker, 'utf16le') };
    for (const [name, bytes] of Object.entries(spellings)) writeFileSync(join(folder, name), bytes);
    const { status, stdout } = audit();
    assert.equal(status, 1);
    for (const name of Object.keys(spellings)) assert.ok(JSON.parse(stdout).hits.some((hit) => hit.file.endsWith(`/${name}`) && hit.spelling === name), name);
    rmSync(folder, { recursive: true });
  });
});
