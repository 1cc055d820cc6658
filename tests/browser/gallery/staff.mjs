// People with a role, who hold a passkey.
import { execFileSync } from 'node:child_process';

import { eventually } from '../harness/api.mjs';
import { openPage } from '../harness/browser.mjs';
import { addPasskey } from '../harness/people.mjs';
import { binary } from '../harness/server.mjs';

const giveRole = ({ server }, { handle }, role) => execFileSync(binary, ['user', 'role', handle, role, '--data', server.data]);

export async function makeModerator(house, handle, name) {
  const person = await house.newcomer(handle, name);
  giveRole(house, person, 'moderator');
  return person;
}

/** Somebody on the roster; `keys` gives what their authenticator holds. */
export async function hire(house, handle, name) {
  const person = await house.newcomer(handle, name);
  person.desk = await openPage(house.browser, house.server, { client: person.client });
  const { keys } = await addPasskey(person.desk.page);
  giveRole(house, person, 'staff');
  await eventually(`${handle} is on the roster`, async () => (await person.client.get('/session')).account.staff);
  return { ...person, keys: await keys() };
}

/** Signs the open request for a field of somebody at one's own desk. */
export async function countersign({ desk: { page } }, field, handle) {
  await page.goto('/staff');
  await page.getByRole('button', { name: `Sign with passkey: ${field} of @${handle}` }).first().click();
  await page.getByText('You have signed').first().waitFor();
}
