// A push service and the browsers behind it: TLS, RFC 8030's answers, RFC 8291's decryption and RFC 8292's signatures in
// Node's own crypto, so that what our server sends is judged by another implementation.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

import { eventually } from './api.mjs';
import { temporaryFolder } from './server.mjs';

const messageMsMax = 20_000;
const dayS = 24 * 3600;
const headerBytes = 86; // salt, record size, length of the key, key
const tagBytes = 16;

const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();
const hkdf = (salt, secret, info, bytes) => hmac(hmac(salt, secret), info, Buffer.of(1)).subarray(0, bytes);
const json = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

/** What a page would get from PushManager.subscribe(), and what its service worker reads. */
export class Browser {
  #keys = createECDH('prime256v1');
  #auth = randomBytes(16);

  constructor(endpoint) {
    this.#keys.generateKeys();
    this.endpoint = endpoint;
  }

  toJSON() {
    const keys = { p256dh: this.#keys.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: this.endpoint, expirationTime: null, keys };
  }

  decrypt(body) {
    assert.ok(body.length <= 4096, 'push services take no more');
    const salt = body.subarray(0, 16);
    const sender = body.subarray(21, headerBytes);
    assert.deepEqual([...body.subarray(16, 21)], [0, 0, 16, 0, 65], 'records of 4,096 bytes, a key of 65');
    const shared = this.#keys.computeSecret(sender);
    const secret = hkdf(this.#auth, shared, Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender]), 32);
    const key = hkdf(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = hkdf(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
    const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(body.subarray(-tagBytes));
    const record = Buffer.concat([cipher.update(body.subarray(headerBytes, -tagBytes)), cipher.final()]);
    const end = record.findLastIndex((byte) => byte !== 0);
    assert.equal(record[end], 2, 'the last record');
    return JSON.parse(record.subarray(0, end).toString());
  }
}

/** The claims of a VAPID header, whose signature is by the key it names. */
export function claimsOf(authorization) {
  const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? assert.fail(authorization);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const [header, claims, signature] = token.split('.');
  assert.deepEqual(json(header), { typ: 'JWT', alg: 'ES256' });
  const isGood = verify('sha256', Buffer.from(`${header}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  assert.ok(isGood, 'the signature');
  const { exp } = json(claims);
  const now = Date.now() / 1000;
  assert.ok(exp > now && exp <= now + dayS, 'good for a day at most');
  return { key, ...json(claims) };
}

export class PushService {
  #server;
  #folder = temporaryFolder('push');
  #open = new Set();
  messages = [];
  connections = 0;
  /** By path what is answered: a status, headers, or "nothing" for never. Others get 201. */
  answers = new Map();

  static async start() {
    const service = new PushService();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(service.#folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    service.#server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => service.#take(request, response));
    service.#server.on('connection', (socket) => {
      service.connections += 1;
      service.#open.add(socket);
      socket.on('close', () => service.#open.delete(socket));
    });
    await new Promise((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    service.port = service.#server.address().port;
    service.certificate = cert;
    return service;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }
  get origin() {
    return `https://localhost:${this.port}`;
  }
  browser(name = randomBytes(12).toString('hex')) {
    return new Browser(`${this.origin}/push/${name}`);
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.messages.push({ method: request.method, endpoint: this.origin + request.url, headers: request.headers, body: Buffer.concat(chunks) });
    const { status = 201, headers = {} } = this.answers.get(request.url) ?? {};
    if (status !== 'nothing') response.writeHead(status, headers).end();
  }

  /** Messages to a browser so far. */
  to(browser) {
    return this.messages.filter((message) => message.endpoint === browser.endpoint);
  }
  /** The message to a browser after the first `before`, and what it says. */
  async next(browser, before = 0, msMax = messageMsMax) {
    const message = await eventually(`message ${before + 1} to ${browser.endpoint}`, () => this.to(browser)[before], msMax);
    return { ...message, says: browser.decrypt(message.body) };
  }
  answer(browser, status, headers = {}) {
    this.answers.set(new URL(browser.endpoint).pathname, { status, headers });
  }

  async close() {
    this.#open.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
