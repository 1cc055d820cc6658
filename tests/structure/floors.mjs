// Checks that includes only go down the floors and that third-party headers stay in the room that owns them.
//
//   node floors.mjs src      prints one line a finding; exit status 1 if there is any
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// A room may include rooms of lower floors, never its neighbours.
const floorOfRoom = {
  base: 1,
  log: 2, http: 2, store: 2,
  feed: 3, custody: 3, media: 3, social: 3, ads: 3,
  api: 4,
  app: 5,
};

// Rooms that may include a third-party header. A private header is also out of the reach of the room's own public headers:
// no other room may include a file through which it would come in.
const owners = [
  { header: /^boost\/(asio|beast)/, rooms: ['http'], isPrivate: true },
  { header: /^boost\/url/, rooms: ['http'], isPrivate: true },
  { header: /^boost\/json/, rooms: ['base'], isPrivate: false },
  { header: /^sqlite3\.h$/, rooms: ['store'], isPrivate: true },
  { header: /^(libpq-fe\.h|libpq\/|postgresql\/)/, rooms: ['store'], isPrivate: true },
  { header: /^zlib\.h$/, rooms: ['http', 'store'], isPrivate: true },
  { header: /^(sodium\.h|sodium\/)/, rooms: ['base'], isPrivate: true },
  { header: /^libgfshare\.h$/, rooms: ['custody'], isPrivate: true },
  { header: /^archive(_entry)?\.h$/, rooms: ['api'], isPrivate: true },
  { header: /^curl\//, rooms: ['app'], isPrivate: true },
  { header: /^unicode\//, rooms: ['base'], isPrivate: true },
  { header: /^openssl\//, rooms: ['base'], isPrivate: true },
  { header: /^cbor\.h$/, rooms: ['base'], isPrivate: true },
  { header: /^seccomp\.h$/, rooms: ['media'], isPrivate: true },
  { header: /^spdlog\//, rooms: ['base'], isPrivate: true },
  { header: /^prometheus\//, rooms: ['base'], isPrivate: true },
  { header: /^CLI\//, rooms: ['app'], isPrivate: true },
  { header: /^curl\//, rooms: ['app'], isPrivate: true },
  { header: /^toml\+\+\//, rooms: ['app', 'feed'], isPrivate: true },
  { header: /^boost\/(container|static_string)\//, rooms: ['feed'], isPrivate: false },
  { header: /^boost\//, rooms: [], isPrivate: true },
  { header: /^(fmt|gtest|gmock)\//, rooms: Object.keys(floorOfRoom), isPrivate: false },
];

// Headers the build writes from a file of the room; they include nothing themselves.
const generated = new Set(['feed/settings_text.hpp']);

const includeLine = /^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")/;

function sourceFiles(folder) {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? sourceFiles(path) : [path]))
    .filter((path) => /\.(cpp|hpp)$/.test(path));
}

/** Every file below `src` by its path, with the room it stands in and what it includes. */
function readTree(src) {
  const files = new Map();
  for (const path of sourceFiles(src)) {
    const name = relative(src, path);
    const includes = readFileSync(path, 'utf8')
      .split('\n')
      .map((text, index) => ({ match: includeLine.exec(text), line: index + 1 }))
      .filter(({ match }) => match)
      .map(({ match, line }) => ({ line, system: match[1], own: match[2] }));
    files.set(name, { name, room: name.split('/')[0], includes });
  }
  return files;
}

const ownerOf = (header) => owners.find((owner) => owner.header.test(header));

/** The private third-party header that comes in with `name`, through other files or directly; undefined if none does. */
function privateHeaderBehind(files, name, visited = new Set()) {
  if (visited.has(name)) return undefined;
  visited.add(name);
  for (const { system, own } of files.get(name)?.includes ?? []) {
    if (system && ownerOf(system)?.isPrivate) return system;
    const behind = own && privateHeaderBehind(files, own, visited);
    if (behind) return behind;
  }
  return undefined;
}

function checkOwn(files, file, include) {
  if (generated.has(include.own)) return include.own.startsWith(`${file.room}/`) ? undefined : `"${include.own}" is its room's own`;
  const target = files.get(include.own);
  if (!target) return `"${include.own}" is not a file below src/`;
  if (target.room === file.room) return undefined;
  if (floorOfRoom[target.room] >= floorOfRoom[file.room])
    return `${file.room} (floor ${floorOfRoom[file.room]}) includes "${include.own}" of floor ${floorOfRoom[target.room]}`;
  const behind = privateHeaderBehind(files, include.own);
  return behind && `"${include.own}" brings <${behind}> out of room ${target.room}`;
}

function checkSystem(file, include) {
  const owner = ownerOf(include.system);
  if (!owner || owner.rooms.includes(file.room)) return undefined;
  return owner.rooms.length === 0
    ? `<${include.system}> has no room that owns it; name one in tests/structure/floors.mjs`
    : `<${include.system}> belongs to room ${owner.rooms.join(', ')}`;
}

/** All findings below `src`, as "file:line: what is wrong". */
export function findings(src) {
  const files = readTree(src);
  const found = [];
  for (const file of files.values()) {
    if (!(file.room in floorOfRoom)) {
      found.push(`${file.name}:1: ${file.room} is not a room; give it a floor in tests/structure/floors.mjs`);
      continue;
    }
    // Precompiled headers are a build device of base; they are not included by name.
    if (/^pch/.test(basename(file.name))) continue;
    for (const include of file.includes) {
      const wrong = include.own ? checkOwn(files, file, include) : checkSystem(file, include);
      if (wrong) found.push(`${file.name}:${include.line}: ${wrong}`);
    }
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findings(process.argv[2] ?? 'src');
  for (const line of found) console.log(line);
  console.log(found.length === 0 ? 'every include goes down the floors' : `${found.length} findings`);
  process.exit(found.length === 0 ? 0 : 1);
}
