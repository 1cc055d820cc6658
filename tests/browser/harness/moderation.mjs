// Moderators, and what a spec needs decided but does not test the deciding of.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { newAccount } from './api.mjs';
import { binary } from './server.mjs';

export async function newModerator(server, stem = 'mod') {
  const somebody = await newAccount(server, stem);
  execFileSync(binary, ['user', 'role', somebody.handle, 'moderator', '--data', server.data]);
  return somebody;
}

export const report = (by, target, more = {}) =>
  by.client.expect(201, 'POST', '/reports', { ...target, reason: 'spam', text: 'Look at this.', ...more });

/** The open case about something that was reported. */
export async function caseAbout(moderator, target) {
  const { items } = await moderator.client.get('/moderation/queue');
  const found = items.find((one) => one.target.id === target.id);
  assert.ok(found, 'what was reported is in the queue');
  return found;
}

/** Claims the case about a target and decides it. */
export async function decide(moderator, target, decision) {
  const { id } = await caseAbout(moderator, target);
  await moderator.client.expect(200, 'POST', `/moderation/queue/${id}/claim`);
  const usual = { ground: 'rules', rule: 'House rule 3', reason: 'It advertises and does not say so.', facts: 'At 0:01.' };
  return moderator.client.expect(200, 'POST', `/moderation/queue/${id}/decision`, { ...usual, ...decision });
}
