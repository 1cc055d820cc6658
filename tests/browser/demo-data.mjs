// Fills build/demo-data once for all specs: what `vitrine serve --demo` makes of an empty directory. Made anew when the server
// binary is newer than it.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';

import { Client, eventually } from './harness/api.mjs';
import { binary, demoData, Server } from './harness/server.mjs';

const fillMsMax = 15 * 60_000;
const making = `${demoData}.making`;

if (existsSync(demoData) && statSync(demoData).mtimeMs > statSync(binary).mtimeMs) process.exit(0);

for (const folder of [demoData, making]) rmSync(folder, { recursive: true, force: true });
console.log('      filling a demo for the browser tests');
const began = Date.now();
// Whom specs hire is on the roster at once; the rules of custody are kept with the data.
const server = await Server.start({ data: making, demo: true, settings: { custody_delay_s: 0 } });
await eventually('the demo is complete', () => demoIsComplete(server), fillMsMax);
await server.stop();
renameSync(making, demoData);
console.log(`      filled in ${Math.round((Date.now() - began) / 1000)} s`);

async function demoIsComplete(server) {
  return (await new Client(server).get('/demo')).state === 'complete';
}
