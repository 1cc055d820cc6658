// The check of floors, on a small tree that breaks each rule once.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { findings } from './floors.mjs';

const src = mkdtempSync(join(tmpdir(), 'vitrine-floors-'));

function write(name, text) {
  mkdirSync(dirname(join(src, name)), { recursive: true });
  writeFileSync(join(src, name), text);
}

try {
  write('base/id.hpp', '#include <string>\n#include <fmt/format.h>\n');
  write('store/database.hpp', '#include "base/id.hpp"\n');
  write('store/row.hpp', '#include "store/handle.hpp"\n');
  write('store/handle.hpp', '#include <sqlite3.h>\n');
  write('store/sqlite.cpp', '#include <sqlite3.h>\n#include "store/row.hpp"\n');
  write('social/accounts.cpp', '#include "store/database.hpp"\n');
  assert.deepEqual(findings(src), [], 'a clean tree has no findings');

  write('base/upwards.cpp', '#include "store/database.hpp"\n');
  write('social/sideways.cpp', '\n#include "media/probe.hpp"\n');
  write('media/probe.hpp', '');
  write('feed/leak.cpp', '#include "store/row.hpp"\n');
  write('api/foreign.cpp', '#include <boost/asio/post.hpp>\n');
  write('api/nobody.cpp', '#include <boost/regex.hpp>\n');
  write('api/gone.cpp', '#include "api/gone.hpp"\n');
  write('utils/misc.cpp', '');
  const found = findings(src).map((line) => line.split(': ')[0]).sort();
  assert.deepEqual(found, [
    'api/foreign.cpp:1', 'api/gone.cpp:1', 'api/nobody.cpp:1', 'base/upwards.cpp:1',
    'feed/leak.cpp:1', 'social/sideways.cpp:2', 'utils/misc.cpp:1',
  ]);
  console.log('each rule is seen to be broken once');
} finally {
  rmSync(src, { recursive: true });
}
