// What people do in front of the app: signing up and out, holding an authenticator.
import { adultBirthDate, password } from './api.mjs';

/** The lists of the sign-up form. */
function birthChoices(date) {
  const [year, month, day] = date.split('-').map(Number);
  return { day: String(day), month: String(month), year: String(year) };
}

export const session = (page) => page.evaluate(async () => (await (await fetch('/api/v1/session')).json()).account);

/** Dates are "2001-02-03". */
export async function chooseBirthDate(page, date = adultBirthDate) {
  const { day, month, year } = birthChoices(date);
  await page.getByLabel('Day').selectOption(day);
  await page.getByLabel('Month').selectOption(month);
  await page.getByLabel('Year').selectOption(year);
}

export async function signOut(page) {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForFunction(async () => (await (await fetch('/api/v1/session')).json()).account === null);
}

/** Fills the form for a sign-up by password, and does not send it. */
export async function fillSignUp(page, handle, date = adultBirthDate) {
  await page.goto('/sign-up');
  await page.getByText('Use a password').click();
  await page.getByLabel('Handle').fill(handle);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await chooseBirthDate(page, date);
}

export async function signUpByPassword(page, handle) {
  await fillSignUp(page, handle);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('/');
}

/** The browser's own authenticator: it keeps keys, from the beginning those given, and always says that its user is there. */
export async function addAuthenticator(page, kept = []) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of kept) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  return { keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials };
}

/** Puts a passkey on the account that the page is signed in with. */
export async function addPasskey(page) {
  const authenticator = await addAuthenticator(page);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Passkey added.').waitFor();
  return authenticator;
}
