// Notifications that leave the app: the settings for this device, the service worker, mail and its link.
//
// Pages in these profiles are incognito to Chromium, which lets none of them subscribe: one test looks at that. The others put
// a subscription of the harness's push service in its place; service worker, permission and server are the real ones.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { eventually, newAccount, newEmail } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { launch, openPage } from '../harness/browser.mjs';
import { codeIn, MailServer } from '../harness/mail.mjs';
import { PushService } from '../harness/push.mjs';
import { freePort, Server } from '../harness/server.mjs';

describe('notifications that leave the app', () => {
  let mail;
  let service;
  let server;
  let browser;

  before(async () => {
    [mail, service] = [await MailServer.start(), await PushService.start()];
    const port = await freePort();
    const settings = {
      smtp: mail.address, mail_from: 'vitrine@localhost', public_url: `http://localhost:${port}`, push_allow: [service.address], push_ca: service.certificate,
    };
    server = await Server.start({ port, settings });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await service?.close();
    await mail?.close();
  });

  /** The settings of somebody whose browser may show notifications. */
  async function openSettings(person, options = {}) {
    const opened = await openPage(browser, server, { client: person.client, ...options });
    await opened.context.grantPermissions(['notifications'], { origin: server.url });
    return { ...opened, section: opened.page.getByRole('region', { name: 'Notifications on this device' }) };
  }

  /** What the browser would get from its push service. */
  async function putSubscription(context, pushBrowser) {
    await context.addInitScript((json) => {
      let subscription = null;
      const made = { toJSON: () => json, unsubscribe: async () => ((subscription = null), sessionStorage.removeItem('subscribed'), true) };
      if (sessionStorage.getItem('subscribed')) subscription = made;
      PushManager.prototype.getSubscription = async () => subscription;
      PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
        if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError('not as browsers want it');
        sessionStorage.setItem('subscribed', '1');
        return (subscription = made);
      };
    }, pushBrowser.toJSON());
  }

  async function follow(creator) {
    const fan = await newAccount(server, 'fan');
    await fan.client.expect(200, 'PUT', `/profiles/${creator.handle}/follow`);
    return fan;
  }

  test('nothing is asked for before somebody wants it, and a browser without a push service says so', async () => {
    const ada = await newAccount(server, 'ada');
    const { page, section, watch, close } = await openSettings(ada, { allow: [/does not support the Push API in incognito/] });
    await page.addInitScript(() => {
      const ask = Notification.requestPermission.bind(Notification);
      Notification.requestPermission = () => ((window.asked = true), ask());
    });
    await page.goto('/settings');
    await section.getByText('Off', { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => window.asked), undefined);
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
    await section.getByRole('button', { name: 'Turn on' }).click();
    await page.getByText('The browser did not get an address').waitFor();
    assert.equal(await page.evaluate(() => window.asked), true);
    await section.getByText('Off', { exact: true }).waitFor();
    watch.assertClean();
    await close();
  });

  test('who does not let the app show them is told where to change it', async () => {
    const { context, page, section, watch, close } = await openSettings(await newAccount(server, 'ada'));
    await context.clearPermissions();
    await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
    await page.goto('/settings');
    await section.getByText('Allow them in its settings for this site').waitFor();
    assert.equal(await section.getByRole('button').count(), 0);
    watch.assertClean();
    await close();
  });

  test('an iPhone that shows the app in a tab is told how to install it', async () => {
    const { page, section, watch, close } = await openSettings(await newAccount(server, 'ada'));
    await page.addInitScript(() => {
      delete window.PushManager;
      Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X)' });
    });
    await page.goto('/settings');
    await section.getByText('Add to Home Screen').waitFor();
    watch.assertClean();
    await close();
  });

  test('a device is told, shows it, opens the right page, and is told no more', async () => {
    const ada = await newAccount(server, 'ada');
    const pushBrowser = service.browser();
    const { context, page, section, watch, close } = await openSettings(ada);
    await putSubscription(context, pushBrowser);
    await page.goto('/settings');
    await section.getByRole('button', { name: 'Turn on' }).click();
    await section.getByText('On', { exact: true }).waitFor();
    await section.getByText('This device', { exact: true }).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.reload();
    await section.getByText('On', { exact: true }).waitFor();

    const fan = await follow(ada);
    const { says } = await service.next(pushBrowser);
    const [worker] = context.serviceWorkers();
    await deliver(page, JSON.stringify(says));
    const shown = () => worker.evaluate(async () => (await self.registration.getNotifications()).map(({ title, tag, data }) => ({ title, tag, ...data })));
    await eventually('it is shown', async () => (await shown()).length === 1);
    assert.deepEqual(await shown(), [{ title: says.title, tag: says.tag, url: `/@${fan.handle}` }]);
    await deliver(page, JSON.stringify({ ...says, title: 'The same again' }));
    await eventually('one takes the other’s place', async () => (await shown())[0]?.title === 'The same again' && (await shown()).length === 1);
    await click(worker);
    await page.waitForURL(`/@${fan.handle}`);
    await page.getByRole('heading', { name: fan.handle }).first().waitFor();

    await page.goto('/settings');
    await section.getByRole('button', { name: 'Turn off', exact: true }).click();
    await section.getByText('Off', { exact: true }).waitFor();
    assert.deepEqual((await ada.client.get('/account/push-subscriptions')).items, []);
    watch.assertClean();
    await close();
  });

  /** As the browser does when its push service has something: by the devtools. */
  async function deliver(page, data) {
    const cdp = await page.context().newCDPSession(page);
    const registration = new Promise((resolve) => cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0])));
    await cdp.send('ServiceWorker.enable');
    const { registrationId } = await registration;
    await cdp.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data });
    await cdp.detach();
  }

  /** No hand can click what a headless browser shows; the event is the same. The focus is refused without a hand. */
  const click = (worker) => worker.evaluate(async () => {
    const [notification] = await self.registration.getNotifications();
    self.addEventListener('unhandledrejection', (event) => event.preventDefault());
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });

  test('kinds are chosen for devices apart from the bell', async () => {
    const ada = await newAccount(server, 'ada');
    await ada.client.expect(201, 'POST', '/account/push-subscriptions', service.browser());
    const { page, section, watch, close } = await openSettings(ada);
    await page.goto('/settings');
    const kinds = section.getByRole('group', { name: 'What your devices are told of' });
    const likes = kinds.getByRole('switch', { name: 'Likes of your videos' });
    assert.equal(await likes.getAttribute('aria-checked'), 'false');
    await likes.click();
    await kinds.getByRole('switch', { name: 'New followers' }).click();
    await eventually('it is kept', async () => {
      const { follow: bell, push } = await ada.client.get('/account/notification-settings');
      return bell && push.like && !push.follow;
    });
    await page.getByRole('region', { name: 'Notifications', exact: true }).getByRole('switch', { name: 'New followers' }).click();
    await kinds.getByRole('switch', { name: 'New followers' }).waitFor({ state: 'detached' });
    await section.getByRole('button', { name: /^Turn off the device at localhost/ }).click();
    await kinds.waitFor({ state: 'detached' });
    assert.deepEqual((await ada.client.get('/account/push-subscriptions')).items, []);
    watch.assertClean();
    await close();
  });

  test('mail is for confirmed addresses, comes when there is something new, and ends by its link', async () => {
    const ada = await newAccount(server, 'ada');
    await follow(ada);
    const { page, watch, close } = await openSettings(ada);
    const section = page.getByRole('region', { name: 'Notifications by mail' });
    await page.goto('/settings');
    await section.getByText('Confirm an e-mail address first').waitFor();
    const email = newEmail();
    await ada.client.expect(202, 'PUT', '/account/email', { email });
    await ada.client.expect(200, 'POST', '/account/email/verification', { code: codeIn(await mail.next(email)) });
    await page.reload();
    await section.getByText('Every day').click();
    const { headers, text } = await mail.next(email);
    assert.equal(headers.subject, 'One new notification');
    const [link] = /http:\/\/localhost:\d+\/unsubscribe\?token=\S+/.exec(text) ?? assert.fail(text);

    const stranger = await openPage(browser, server);
    await stranger.page.goto(link);
    await stranger.page.getByRole('heading', { name: 'No more mail' }).waitFor();
    assert.deepEqual(await axe(stranger.page), []);
    assert.equal((await ada.client.get('/account/notification-settings')).digest, 'daily', 'looking changes nothing');
    await stranger.page.getByRole('button', { name: 'Stop the mail' }).click();
    await stranger.page.getByText('No more such mail is sent.').waitFor();
    assert.equal((await ada.client.get('/account/notification-settings')).digest, 'never');
    stranger.watch.assertClean();
    await stranger.close();
    await page.reload();
    assert.ok(await section.getByLabel('Never').isChecked());
    watch.assertClean();
    await close();
  });
});
