// The vault as a process among its neighbours: what it does when they are away or misbehave, the mail it sends, and an
// outsider's check of a person's receipts. Fields are sealed and signed for by a second implementation.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { binary } from '../browser/harness/server.mjs';
import { CustodyHouse } from './custody_house.mjs';
import { ask, Role } from './roles.mjs';
import { sha256 } from './sealing.mjs';
import { signerKey } from './tlog.mjs';

const require = createRequire(new URL('../browser/package.json', import.meta.url));
const { SMTPServer } = require('smtp-server');

const impatienceMs = 45_000;
const opened = (answer, text) => assert.deepEqual(answer, { status: 200, body: { fields: [text] } });
/** What `vitrine audit receipts` says of a person, beside this process, which it may have to ask. */
function audit(house, subject, claimed, { vkey = house.logKey, policy = house.path('witnesses.policy'), batches } = {}) {
  writeFileSync(house.path('claimed.json'), JSON.stringify(claimed));
  const words = ['audit', 'receipts', house.path('log/tiles'), '--vkey', vkey, '--policy', policy, '--receipt-key',
    house.receiptKey(subject).toString('base64'), '--claimed', house.path('claimed.json'), '--json', ...(batches ? ['--batches', batches] : [])];
  return new Promise((resolve) => {
    execFile(binary, words, (error, stdout, stderr) => resolve({ status: error?.code ?? 0, stderr, ...(stdout ? JSON.parse(stdout) : {}) }));
  });
}
/** The tags of batches, as the service's public page hands them out. */
async function publicBatches(house) {
  const server = createHttpServer(async (request, response) => {
    const answer = await ask(house.socket('vault'), 'GET', request.url);
    response.writeHead(answer.status).end(answer.body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/batches`, close: () => server.close() };
}
async function unavailable(answer, why) {
  const { status, body } = await answer;
  assert.equal(status, 503, JSON.stringify(body));
  assert.match(body.detail, why);
}

describe('the vault among its neighbours', () => {
  let house;
  const email = 'ada@example.org';
  before(async () => {
    house = await CustodyHouse.start();
    await house.keep('ada', email);
  });
  after(() => house.end());

  test('opens what a second implementation sealed, and signed for', async () => {
    opened(await house.readOwn('ada'), email);
    assert.deepEqual(await house.openField('ada', house.people.mia, house.people.noor), { status: 200, body: { field: email } });
    const refused = await house.openField('ada', house.people.mia);
    assert.equal(refused.status, 403);
    assert.match(refused.body.detail, /needs 1 other signers/);
    assert.equal((await house.vault('POST', '/read', { purpose: 'self', records: [] })).status, 404, 'there is no way to read any records one likes');
  });

  test('bodies that are not what they should be are refused', async () => {
    for (const [method, path, body] of [
      ['POST', '/records', {}], ['POST', '/records', { record: {}, receipt_key: 'AA==' }], ['POST', '/requests', { subject: 'ada' }],
      ['POST', '/subjects/ada/mail', { class: 'contact' }], ['PUT', '/subjects/ada/guarded', { guarded: 'yes' }],
      ['GET', '/requests?limit=none'], ['GET', '/batches/%21'],
    ]) assert.equal((await house.vault(method, path, body)).status, 400, `${method} ${path}`);
    assert.equal((await house.vault('GET', '/batches/AAAA')).status, 404);
  });

  test('with the log killed nothing opens, and it recovers by itself', async () => {
    await house.kill('log');
    await unavailable(house.readOwn('ada'), /the log is away/);
    await unavailable(house.vault('DELETE', '/subjects/ada'), /the log is away/);
    await house.start('log');
    opened(await house.readOwn('ada'), email);
  });

  test('with the witness killed nothing opens, and it recovers by itself', { timeout: impatienceMs }, async () => {
    await house.kill('witness1');
    await unavailable(house.readOwn('ada'), /no witnessed checkpoint.*w1/);
    await house.start('witness1');
    opened(await house.readOwn('ada'), email);
  });

  test('one custodian killed is one too few for nobody; two are, and it recovers by itself', async () => {
    await house.kill('custodian1');
    opened(await house.readOwn('ada'), email);
    await house.kill('custodian2');
    await unavailable(house.readOwn('ada'), /1 of 3 custodians.*custodian1: cannot connect/);
    await house.start('custodian2');
    opened(await house.readOwn('ada'), email);
    await house.start('custodian1');
    opened(await house.readOwn('ada'), email);
  });

  const answers = (...texts) => (socket) => socket.on('data', () => texts.forEach((text) => socket.write(text)));
  const http = (status, body) => `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (const [manner, behaviour] of Object.entries({
    'says nothing at all': () => {},
    'hangs up at once': (socket) => socket.destroy(),
    'answers with garbage': answers('garbage\r\n\r\n'),
    'answers with bytes that are no shares': answers(http(200, 'no shares')),
    'answers twice': answers(http(200, 'once') + http(200, 'and again')),
    'answers with an error that is no problem document': answers(http(500, '<html>')),
    'promises more than it sends': answers('HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nshort'),
  }))
    test(`a custodian that ${manner} does not matter, with another one away it is named`, { timeout: impatienceMs }, async () => {
      const leave = await house.replace('custodian1', behaviour);
      opened(await house.readOwn('ada'), email);
      await house.kill('custodian3');
      await unavailable(house.readOwn('ada'), /1 of 3 custodians/);
      await leave();
      await house.start('custodian1');
      await house.start('custodian3');
      opened(await house.readOwn('ada'), email);
    });

  test('killed while it opens, it tells of every trace it left', { timeout: impatienceMs }, async () => {
    await house.keep('eve', 'eve@example.org');
    const reading = Promise.allSettled(Array.from({ length: 16 }, () => house.readOwn('eve')));
    await sleep(15); // somewhere in the midst of them
    await house.kill('vault');
    await reading;
    await house.start('vault');
    opened(await house.readOwn('eve'), 'eve@example.org');
    // It appends again what it does not know to be in the log, in its own time after the start.
    const batches = await publicBatches(house);
    let outcome;
    do {
      await sleep(100);
      outcome = await audit(house, 'eve', (await house.vault('GET', '/subjects/eve/receipts')).body, { batches: batches.url });
    } while (outcome.status !== 0);
    assert.ok(outcome.found.length >= 1);
    batches.close();
  });
});

describe('an outsider checks receipts', () => {
  let house;
  let claimed;
  before(async () => {
    house = await CustodyHouse.start();
    for (const subject of ['ada', 'eve']) await house.keep(subject, `${subject}@example.org`);
    for (const subject of ['ada', 'eve', 'ada']) await house.readOwn(subject);
    await house.openField('ada', house.people.mia, house.people.noor);
    claimed = (await house.vault('GET', '/subjects/ada/receipts')).body;
  });
  after(() => house.end());

  test('what the service tells and the log agree', async () => {
    const { status, found, differences, stderr } = await audit(house, 'ada', claimed);
    assert.equal(status, 0, stderr);
    assert.equal(found.length, 3);
    assert.deepEqual(differences, []);
  });
  const without = (kind) => {
    const hidden = claimed.receipts.findIndex(({ entry }) => JSON.parse(entry).kind === kind);
    return { list: { receipts: claimed.receipts.toSpliced(hidden, 1) }, entry: claimed.receipts[hidden].entry };
  };
  test('an access that is not told of is found', async () => {
    const { list, entry } = without('access');
    const { status, differences } = await audit(house, 'ada', list);
    assert.equal(status, 1);
    assert.deepEqual(differences.map((one) => one.entry), [entry]);
    assert.match(differences[0].difference, /does not tell/);
  });
  test('a batch that is not told of is found where its tags are public', async () => {
    const { list, entry } = without('batch');
    const blind = await audit(house, 'ada', list);
    assert.deepEqual([blind.status, blind.unread_batches], [0, 2], 'its own, and another person\'s');
    const batches = await publicBatches(house);
    const { differences, status } = await audit(house, 'ada', list, { batches: batches.url });
    assert.equal(status, 1);
    assert.deepEqual(differences.map((one) => one.entry), [entry]);
    const withheld = await audit(house, 'ada', claimed, { batches: `${batches.url}/elsewhere` });
    assert.equal(withheld.status, 1);
    assert.match(withheld.differences[0].difference, /withheld/);
    batches.close();
  });
  test('what the log does not have is found, and another person\'s entry too', async () => {
    const invented = { entry: claimed.receipts[0].entry.replace(/"nonce":"./, '"nonce":"x'), at_s: 1 };
    const { body: others } = await house.vault('GET', '/subjects/eve/receipts');
    const { status, differences } = await audit(house, 'ada', { receipts: [...claimed.receipts, invented, ...others.receipts] });
    assert.equal(status, 1);
    assert.equal(differences.length, 2);
    for (const { difference } of differences) assert.match(difference, /no such entry of yours/);
  });
  test('a log of another key, or without the witness that is asked for, is not believed', async () => {
    const key = (name, algorithm) => signerKey(name, algorithm, sha256('another')).vkey;
    assert.match((await audit(house, 'ada', claimed, { vkey: key('test.example/log', 1) })).stderr, /sign/);
    writeFileSync(house.path('other.policy'), `witness w1 ${key('test.example/witness', 4)}\ngroup all 1 w1\nquorum all\n`);
    assert.match((await audit(house, 'ada', claimed, { policy: house.path('other.policy') })).stderr, /not enough/);
  });
});

describe('mail', () => {
  const smtpServers = [];
  let house;
  const received = [];
  const logins = [];
  const title = 'Dein Code für Vitrine – gültig für zehn Minuten, danach bitte einen neuen anfordern ✓';
  const order = { class: 'contact', purpose: 'deliver-message', title: 'Your code', text: 'It is 12345678.\nBcc: eve@example.org\n.\nQUIT\n' };

  async function smtp(options = {}) {
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS'], authOptional: true, allowInsecureAuth: true, logger: false, ...options,
      onAuth: (auth, session, done) => {
        logins.push(`${auth.username}:${auth.password}`);
        done(null, { user: auth.username });
      },
      onData: (stream, session, done) => {
        const pieces = [];
        stream.on('data', (piece) => pieces.push(piece));
        stream.on('end', () => {
          received.push({ from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((one) => one.address), text: String(Buffer.concat(pieces)) });
          done();
        });
      },
    });
    server.on('error', () => {});
    smtpServers.push(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${server.server.address().port}`;
  }
  const mailWith = async (url) => house.restartVault(url ? ['--smtp', url, '--from', 'vitrine@example.net'] : []);
  const send = (more = {}) => house.vault('POST', '/subjects/ada/mail', { ...order, ...more });
  /** Headers unfolded, by lower-case name, and the body as text. */
  function read(message) {
    const [head, ...rest] = message.split('\r\n\r\n');
    const headers = head.replaceAll('\r\n ', ' ').split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]);
    return { headers: Object.fromEntries(headers), names: headers.map(([name]) => name), body: String(Buffer.from(rest.join(''), 'base64')) };
  }
  const decoded = (header) => header.replace(/=\?UTF-8\?B\?([^?]*)\?= ?/g, (_, text) => Buffer.from(text, 'base64').toString('latin1'));

  before(async () => {
    house = await CustodyHouse.start();
    await house.keep('ada', 'ada@example.org');
  });
  after(async () => {
    await house.end();
    for (const server of smtpServers) server.close(() => {});
  });

  test('without a server nothing is sent, and nothing opened', async () => {
    await unavailable(send(), /no mail server is configured/);
    assert.deepEqual((await house.vault('GET', '/subjects/ada/receipts')).body.receipts, []);
  });

  test('goes to the sealed address, whole, and as one message', async () => {
    const where = await smtp();
    writeFileSync(house.path('smtp.url'), `smtp://me:secret%20word@${where}\n`, { mode: 0o600 });
    await mailWith(house.path('smtp.url'));
    assert.deepEqual(await send(), { status: 200, body: {} });
    assert.deepEqual(logins, ['me:secret word']);
    assert.equal(received.length, 1);
    const [{ from, to, text }] = received.splice(0);
    assert.deepEqual([from, to], ['vitrine@example.net', ['ada@example.org']]);
    const { headers, names, body } = read(text);
    assert.deepEqual(names, ['date', 'from', 'to', 'subject', 'message-id', 'auto-submitted', 'mime-version', 'content-type', 'content-transfer-encoding']);
    assert.equal(headers.subject, order.title);
    assert.ok(Math.abs(Date.now() - Date.parse(headers.date)) < 60_000, headers.date);
    assert.match(headers['message-id'], /^<[0-9a-z]{26}@example\.net>$/);
    assert.equal(body, order.text.replaceAll('\n', '\r\n'));
    const [receipt] = (await house.vault('GET', '/subjects/ada/receipts')).body.receipts;
    assert.equal(JSON.parse(receipt.entry).purpose, 'deliver-message');
  });

  test('titles in any script arrive, in lines that mail allows; those of two lines are refused', async () => {
    await send({ title, text: 'ü'.repeat(5000) });
    const [{ text }] = received.splice(0);
    assert.equal(Buffer.from(decoded(read(text).headers.subject), 'latin1').toString(), title);
    assert.equal(read(text).body, 'ü'.repeat(5000));
    for (const line of text.split('\r\n')) assert.ok(line.length <= 78, line);
    for (const bad of ['two\r\nBcc: eve@example.org', 'two\nlines', 'a\u0000b', '', 'x'.repeat(600)]) assert.equal((await send({ title: bad })).status, 400, JSON.stringify(bad));
    assert.equal(received.length, 0);
  });

  test('a sealed text that is no address is not mailed to', async () => {
    for (const text of ['ada', 'ada@example.org>\r\nRCPT TO:<eve@example.org', 'a@b, eve@example.org', '<ada@example.org>', '@', `${'a'.repeat(300)}@example.org`]) {
      await house.keep('mallory', text);
      assert.equal((await house.vault('POST', '/subjects/mallory/mail', order)).status, 400, text);
    }
    assert.equal(received.length, 0);
  });

  test('TLS is tried when it is offered; a certificate of unknown origin gets neither password nor mail', async () => {
    logins.length = 0;
    for (const [scheme, options] of [['smtp', { disabledCommands: [] }], ['smtps', { secure: true }]]) {
      await mailWith(`${scheme}://me:secret@${await smtp(options)}`);
      await unavailable(send(), /did not take the mail: .*(certificate|peer)/i);
    }
    assert.deepEqual([logins, received], [[], []]);
  });

  test('what the server says no to is an error that does not name the person', async () => {
    const where = await smtp({ onRcptTo: (address, session, done) => done(Object.assign(new Error(`no such person ${address.address}`), { responseCode: 550 })) });
    await mailWith(`smtp://${where}`);
    const { status, body } = await send();
    assert.equal(status, 503);
    assert.match(body.detail, /550/);
    assert.doesNotMatch(body.detail, /ada/);
  });

  test('a server that is away, or silent, holds nobody up for long', { timeout: impatienceMs }, async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address();
    await mailWith(`smtp://127.0.0.1:${port}`);
    await unavailable(send(), /Timeout/);
    silent.closeAllConnections?.();
    silent.close();
    await mailWith('smtp://127.0.0.1:1');
    await unavailable(send(), /connect/);
  });

  test('an address of a server or a sender that is none is a usage error', async () => {
    for (const words of [['--smtp', 'smtp://127.0.0.1'], ['--smtp', 'smtp://127.0.0.1', '--from', 'nobody'], ['--smtp', house.path('rules.json'), '--from', 'a@b']])
      await assert.rejects(Role.start('vault', '--data', house.path('other'), '--rules', house.path('rules.json'), '--log-socket', 'unix:x', '--custodian', 'unix:1',
        '--custodian', 'unix:2', '--custodian', 'unix:3', ...words), /mail/);
  });
});
