// Guardians and young people, by the API.
import { randomBytes } from 'node:crypto';

export const minorBirthDate = `${new Date().getUTCFullYear() - 15}-01-17`;

/** A time zone in which it is this hour now. The names of Etc have their signs the other way round. */
export function zoneAt(hour) {
  const ahead = ((hour - new Date().getUTCHours() + 36) % 24) - 12;
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** The guardian makes a code, the ward enters it; nobody has confirmed yet. */
export async function askToPair(guardian, ward) {
  const { code } = await guardian.client.expect(201, 'POST', '/family/codes');
  return (await ward.client.expect(201, 'POST', '/family/pairings', { code })).id;
}

export async function pair(guardian, ward) {
  const id = await askToPair(guardian, ward);
  for (const { client } of [ward, guardian]) await client.expect(200, 'PUT', `/family/pairings/${id}/confirmation`);
  return id;
}

/** Minutes spent with a video, which count for the daily limit. */
export const watchFor = (minutes, video, client) =>
  client.expect(200, 'POST', '/events', {
    events: [{ id: randomBytes(12).toString('hex'), video: video.id, surface: 'video', shown_at: Date.now(), watched_ms: minutes * 60_000 }],
  });

/** Changes some of what a guardian sets. */
export async function setControls(guardian, ward, change) {
  const path = `/family/wards/${ward.account.id}`;
  const { controls } = await ward.client.get(path);
  await guardian.client.expect(200, 'PUT', `${path}/controls`, { ...controls, ...change });
}
