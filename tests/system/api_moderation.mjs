// People around a moderators' desk: somebody with a video, people who report it, two moderators.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { binary } from '../browser/harness/server.mjs';

const reportsPerReporter = 40; // an account has 50 a day

export class Desk {
  /** @param people `signUp` makes a person; `upload` a live video of theirs. */
  static async open(caller, data, { signUp, upload }) {
    const desk = new Desk();
    Object.assign(desk, { caller, signUp, reports: 0 });
    [desk.suspect, desk.moderator, desk.colleague] = [await signUp(), await signUp(), await signUp()];
    for (const { handle } of [desk.moderator, desk.colleague])
      execFileSync(binary, ['user', 'role', handle, 'moderator', '--data', data]);
    desk.video = await upload(desk.suspect);
    return desk;
  }

  /** As somebody who has not reported too much today. */
  async reporter() {
    if (this.reports % reportsPerReporter === 0) this.currentReporter = await this.signUp();
    this.reports += 1;
    return this.currentReporter;
  }

  async report(target = { kind: 'video', id: this.video }) {
    const reporter = await this.reporter();
    const json = { ...target, reason: 'spam', text: 'Look at this.' };
    await this.caller.expect(201, 'POST /api/v1/reports', { token: reporter.token, json });
    return reporter;
  }

  async queue() {
    return (await this.caller.expect(200, 'GET /api/v1/moderation/queue', { token: this.moderator.token })).body.items;
  }

  claim(id, { token } = this.moderator, status = 200) {
    return this.caller.expect(status, 'POST /api/v1/moderation/queue/{id}/claim', { path: { id }, token });
  }

  /** A case that this desk's moderator has claimed: one that is there, or a new one. */
  async claimedCase(target = { kind: 'video', id: this.video }) {
    const waiting = async () => (await this.queue()).find((one) => one.target.id === target.id);
    let found = await waiting();
    if (!found) {
      await this.report(target);
      found = await waiting();
    }
    assert.ok(found, 'what was reported is in the queue');
    await this.claim(found.id);
    return found.id;
  }

  async decide(json, target) {
    const id = await this.claimedCase(target);
    const given = { ground: 'rules', rule: 'House rule 3', reason: 'It breaks it.', facts: 'At 0:01.', ...json };
    const request = { path: { id }, token: this.moderator.token, json: given };
    return (await this.caller.expect(200, 'POST /api/v1/moderation/queue/{id}/decision', request)).body;
  }

  async appeal(decision, { token } = this.suspect) {
    const request = { path: { id: decision.id }, token, json: { text: 'It does not.' } };
    return (await this.caller.expect(201, 'POST /api/v1/account/decisions/{id}/appeal', request)).body.appeal.id;
  }

  decideAppeal(id, outcome, { token } = this.colleague, status = 200) {
    const request = { path: { id }, token, json: { outcome, reason: 'Looked at again.' } };
    return this.caller.expect(status, 'POST /api/v1/moderation/appeals/{id}/decision', request);
  }

  /** An appeal that waits: one that is there, or a new one. */
  async openAppeal() {
    const { items } = (await this.caller.expect(200, 'GET /api/v1/moderation/appeals', { token: this.colleague.token })).body;
    const waiting = items.find((one) => one.may_decide);
    return waiting ? waiting.id : this.appeal(await this.decide({ action: 'warn' }));
  }
}
