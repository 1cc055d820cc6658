// Log, witness, custodians and vault as processes of a test, each of which can be killed, replaced or started again.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { binary, temporaryFolder } from '../browser/harness/server.mjs';
import { ask, Role } from './roles.mjs';
import { machineKey, seal, sha256, Signer } from './sealing.mjs';

const machine = (...classes) => ({ classes, service: true, per_reader: 1_000_000, per_zone: 1_000_000, signers: 0 });
const custodians = ['custodian1', 'custodian2', 'custodian3'];

export class CustodyHouse {
  #roles = new Map();
  people = { mia: new Signer('mia'), noor: new Signer('noor') };

  static async start(options = {}) {
    const house = new CustodyHouse();
    house.folder = temporaryFolder('custody');
    house.vaultWords = options.vaultWords ?? [];
    await house.#agree();
    for (const name of ['witness1', 'log', ...custodians, 'vault']) await house.start(name);
    return house;
  }
  path(name) {
    return join(this.folder, name);
  }
  socket(name) {
    return `unix:${this.path(`${name}.sock`)}`;
  }
  receiptKey(subject) {
    return sha256(`receipts of ${subject}`);
  }

  /** Makes every key, and the rules over them. */
  async #agree() {
    writeFileSync(this.path('none.policy'), 'quorum none\n');
    const log = await Role.start('log', '--data', this.path('log'), '--origin', 'test.example/log', '--policy', this.path('none.policy'));
    this.logKey = log.vkey;
    await log.end();
    const witness = await Role.start('witness', ...this.#words('witness1'), '--name', 'test.example/witness');
    this.policy = `witness w1 ${witness.vkey} ${this.socket('witness1')}\ngroup all 1 w1\nquorum all\n`;
    await witness.end();
    writeFileSync(this.path('witnesses.policy'), this.policy);
    mkdirSync(this.path('vault/keys'), { recursive: true });
    const serviceSeed = sha256('service');
    writeFileSync(this.path('vault/keys/service.key'), serviceSeed);
    const person = { classes: ['contact'], service: false, signers: 1, per_reader: 100, per_zone: 100 };
    this.rules = {
      v: 1, threshold: 2, log: this.logKey, witnesses: this.policy, rp_id: 'localhost', zones: ['home'], delay_s: 0, freshness_s: 60,
      custodians: custodians.map((name) => {
        const said = execFileSync(binary, ['custodian', '--data', this.path(name)], { encoding: 'utf8' });
        return { name, key: said.trim().split(' ')[1] };
      }),
      purposes: { self: machine('contact', 'identity'), 'deliver-message': machine('contact'), 'account-recovery': machine('contact'), 'abuse-case': person },
      members: [...Object.values(this.people).map((one) => one.member), { id: 'vault', role: 'service', zone: 'home', key: machineKey(serviceSeed) }],
    };
    writeFileSync(this.path('rules.json'), JSON.stringify(this.rules));
  }

  #words(name) {
    const words = ['--data', this.path(name), '--listen', this.socket(name)];
    const rules = ['--rules', this.path('rules.json')];
    if (name === 'log') return [...words, '--append-socket', this.path('append.sock'), '--policy', this.path('witnesses.policy'), '--interval-ms', '50'];
    if (name.startsWith('witness')) return [...words, '--log', this.logKey];
    if (name.startsWith('custodian')) return [...words, ...rules, '--log', this.socket('log')];
    return [...words, ...rules, '--log-socket', `unix:${this.path('append.sock')}`, ...custodians.flatMap((one) => ['--custodian', this.socket(one)]), ...this.vaultWords];
  }
  async start(name) {
    this.#roles.set(name, await Role.start(name.replace(/\d$/, ''), ...this.#words(name)));
  }
  async kill(name) {
    await this.#roles.get(name).end('SIGKILL');
    rmSync(this.path(`${name}.sock`), { force: true });
  }
  /** Somebody else in a role's place, who does with each connection what `behaviour` says. Gives what ends them. */
  async replace(name, behaviour) {
    await this.kill(name);
    const open = new Set();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      behaviour(socket);
    }).listen(this.path(`${name}.sock`));
    await new Promise((resolve) => server.once('listening', resolve));
    return async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    };
  }
  async restartVault(vaultWords) {
    await this.#roles.get('vault').end();
    this.vaultWords = vaultWords;
    await this.start('vault');
  }
  async end() {
    for (const role of [...this.#roles.values()].reverse()) await role.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One call of the vault: `{status, body}`. */
  async vault(method, path, body) {
    const answer = await ask(this.socket('vault'), method, path, { body: body && JSON.stringify(body) });
    return { status: answer.status, body: JSON.parse(String(answer.body)) };
  }
  async keep(subject, text, more = {}) {
    const { id, body } = seal(this.rules, { subject, receiptKey: this.receiptKey(subject), ...more }, text);
    return { id, body, answer: await this.vault('POST', '/records', body) };
  }
  readOwn(subject, dataClass = 'contact') {
    return this.vault('POST', `/subjects/${subject}/records/${dataClass}/reading`);
  }
  /** A person asks for a field, `signers` sign, and it is opened. */
  async openField(subject, ...signers) {
    const { body: request, status } = await this.vault('POST', '/requests', { reader: this.people.mia.member, subject, class: 'contact', purpose: 'abuse-case', case: 'case 7' });
    if (status !== 200) return { status, body: request };
    for (const signer of signers) await this.vault('POST', `/requests/${request.id}/approvals`, signer.approve(request));
    return this.vault('POST', `/requests/${request.id}/opening`);
  }
}
