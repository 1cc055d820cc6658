// Calls the API by the names of its operations. Every answer is held against the description and remembered.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

const answerMsMax = 30_000;

/** Sends a request as it is given, without tidying its path as fetch would. */
function send(agent, port, { method, target, headers, body }) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, port, host: '127.0.0.1', method, path: target, headers }, (incoming) => {
      const pieces = [];
      incoming.on('data', (piece) => pieces.push(piece));
      incoming.on('error', reject);
      const { statusCode: status, headers: received } = incoming;
      incoming.on('end', () => resolve({ status, headers: received, bytes: Buffer.concat(pieces) }));
    });
    // A timer of our own: the request's would not run while it waits for a connection.
    const late = () => outgoing.destroy(new Error(`${method} ${target}: no answer within ${answerMsMax} ms`));
    const timer = setTimeout(late, answerMsMax);
    outgoing.on('error', reject);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end(body);
  });
}

/** Reads a stream of server-sent events until there are enough of them. */
function follow(port, { method, target, headers }, enough) {
  return new Promise((resolve, reject) => {
    const events = [];
    let text = '';
    const outgoing = request({ port, host: '127.0.0.1', method, path: target, headers, agent: false }, (incoming) => {
      const { statusCode: status, headers: received } = incoming;
      const leave = () => {
        resolve({ status, headers: received, bytes: Buffer.alloc(0), events });
        outgoing.destroy();
      };
      incoming.on('data', (piece) => {
        const whole = `${text}${piece}`.split('\n\n');
        text = whole.pop();
        for (const [, event, data] of whole.map((one) => /^event: (.*)\ndata: (.*)$/.exec(one)).filter(Boolean))
          events.push([event, JSON.parse(data)]);
        if (enough(events)) leave();
      });
      incoming.on('end', leave);
      incoming.on('error', reject);
    });
    const late = () => outgoing.destroy(new Error(`${method} ${target}: too few events within ${answerMsMax} ms`));
    const timer = setTimeout(late, answerMsMax);
    outgoing.on('error', reject);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

/** Adds the content type and, if it is JSON, the parsed body. */
function understood(answer) {
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  const isJson = type.endsWith('json') && answer.bytes.length > 0;
  return { ...answer, type, body: isJson ? JSON.parse(answer.bytes) : undefined };
}

export class Caller {
  #agent = new Agent({ keepAlive: true });
  #networks = 0;

  constructor(server, description) {
    this.server = server;
    this.description = description;
    /** Statuses by operation. */
    this.seen = new Map(description.where(() => true).map((name) => [name, new Set()]));
    this.problemTypes = new Set();
  }

  /** An address of a network nobody has called from yet: limits go by network, and the server trusts us as a proxy. */
  newNetwork() {
    this.#networks += 1;
    return `10.${this.#networks >> 8}.${this.#networks & 255}.1`;
  }

  /**
   * @param {string} name of the operation: "GET /api/v1/videos/{id}"
   * @param {{path?: object, query?: string, token?: string, headers?: object, json?: any, body?: any, network?: string}}
   *   options `path` fills the places of the path, and `query` goes behind it, both percent-encoded already.
   */
  async call(name, { path = {}, query, token, headers = {}, json, body, network } = {}) {
    const operation = this.description.operation(name);
    const place = operation.path.replace(/\{(\w+)\}/g, (_, key) => {
      assert.ok(key in path, `${name} needs ${key}`);
      return path[key];
    });
    const sent = json === undefined ? body : JSON.stringify(json);
    const all = {
      'x-forwarded-for': network ?? this.newNetwork(),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(sent !== undefined && { 'content-length': Buffer.byteLength(sent) }),
      ...headers,
    };
    const target = query === undefined ? place : `${place}?${query}`;
    const what = { method: operation.method, target, headers: all, body: sent };
    const answer = understood(await send(this.#agent, this.server.port, what));
    this.description.check(name, answer);
    this.seen.get(name).add(answer.status);
    if (answer.body?.type && answer.status >= 400) this.problemTypes.add(answer.body.type);
    return answer;
  }

  async expect(status, name, options) {
    const answer = await this.call(name, options);
    assert.equal(answer.status, status, `${name}: ${answer.bytes.subarray(0, 400)}`);
    return answer;
  }

  /**
   * Follows a stream of server-sent events until `enough` says so of what has come, and leaves it.
   * @param {(events: [string, any][]) => boolean} enough is told the events' names and data
   */
  async events(name, token, enough) {
    const { method, path } = this.description.operation(name);
    const headers = { 'x-forwarded-for': this.newNetwork(), authorization: `Bearer ${token}` };
    const answer = understood(await follow(this.server.port, { method, target: path, headers }, enough));
    this.description.check(name, answer);
    this.seen.get(name).add(answer.status);
    return answer.events;
  }

  /** Sends bytes as they are; what came back until the server closed the connection. */
  exchange(bytes, msMax = answerMsMax) {
    return new Promise((resolve, reject) => {
      const pieces = [];
      const socket = connect(this.server.port, '127.0.0.1', () => socket.write(bytes));
      const timer = setTimeout(() => socket.destroy(new Error(`still open after ${msMax} ms`)), msMax);
      socket.on('data', (piece) => pieces.push(piece));
      socket.on('error', reject);
      socket.on('end', () => resolve(parsed(Buffer.concat(pieces))));
      socket.on('close', () => clearTimeout(timer));
    });
  }

  close() {
    this.#agent.destroy();
  }
}

function parsed(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  assert.ok(end > 0, `no answer: ${bytes}`);
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  return understood({ status: Number(first.split(' ')[1]), headers, bytes: bytes.subarray(end + 4) });
}
