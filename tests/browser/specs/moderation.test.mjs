// Moderation from end to end: a report, the queue, a decision, its statement of reasons, an appeal, and back; the veil before
// what is sensitive; what a suspended account can still do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame, plays } from '../harness/feed.mjs';
import { caseAbout, decide, newModerator, report } from '../harness/moderation.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const markup = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script>';

describe('moderation', () => {
  let server;
  let browser;
  let creator;
  let reporter;
  let moderator;
  let colleague;
  let video;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    creator = await newAccount(server, 'creator');
    reporter = await newAccount(server, 'reporter');
    moderator = await newModerator(server, 'mia');
    colleague = await newModerator(server, 'max');
    video = await publish(creator.client, { caption: 'The best kettle you can buy #kitchen', tags: ['kitchen'] });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const target = () => ({ kind: 'video', id: video.id });
  const open = (who, path, options) => openPage(browser, server, { client: who?.client, ...options }).then(async (opened) => {
    await opened.page.goto(path);
    return opened;
  });
  async function done(...opened) {
    for (const { page, watch, close } of opened) {
      assert.equal(await page.evaluate(() => window.hurt), undefined, 'no markup ran');
      watch.assertClean();
      await close();
    }
  }
  /** As a finger does: the label, not the hidden circle. */
  const pick = (within, name) => within.locator('label').filter({ hasText: new RegExp(`${name}$`) }).click();
  const fieldsOf = (page) => page.getByRole('form', { name: 'Decision' });

  async function reportVideo(page) {
    await nextFirstFrame(page, 0);
    await page.getByRole('button', { name: 'More about this video' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Report', exact: true }).click();
    const sheet = page.getByRole('dialog', { name: 'Report this video' });
    await sheet.getByRole('button', { name: /spam/i }).click();
    await sheet.getByLabel('Anything a moderator should know?').fill(markup);
    assert.deepEqual(await axe(page), [], 'the report');
    await sheet.getByRole('button', { name: 'Send the report' }).click();
    await page.getByRole('dialog', { name: 'Thank you. It is reported.' }).waitFor();
    assert.deepEqual(await axe(page), [], 'what happens next');
  }

  /** Claims by keyboard and removes, with markup wherever words go. */
  async function removeByKeyboard(page) {
    await page.getByRole('button', { name: new RegExp(creator.handle) }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: `Video by @${creator.handle}` }).waitFor();
    await page.getByText(markup).first().waitFor();
    await page.keyboard.press('c');
    await page.getByText(/^Yours until/).waitFor();
    await page.keyboard.press('4');
    await fieldsOf(page).getByText('Becomes public').waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type(`It advertises a kettle and does not say so. ${markup}`);
    await fieldsOf(page).getByLabel('Which rule or law').fill(`House rule 3 ${markup}`);
    await fieldsOf(page).getByLabel('What was seen, and where').fill(`At 0:01, a price tag.\n${markup}`);
    await fieldsOf(page).getByRole('button', { name: 'Remove it' }).click();
    await page.getByText(/^Decided\./).waitFor();
  }

  async function removeByTouch(page) {
    await page.getByRole('button', { name: new RegExp(creator.handle) }).click();
    await page.getByRole('button', { name: 'Claim', exact: true }).click();
    await page.getByText(/^Yours until/).waitFor();
    await pick(fieldsOf(page), 'Remove');
    await fieldsOf(page).getByLabel('Which rule or law').fill('House rule 3');
    await fieldsOf(page).getByLabel('Reason', { exact: true }).fill(`It advertises a kettle and does not say so. ${markup}`);
    assert.deepEqual(await axe(page), [], 'the case on a phone');
    await fieldsOf(page).getByRole('button', { name: 'Remove it' }).click();
    await page.getByText(/^Decided\./).waitFor();
  }

  for (const [name, size] of [['a phone', phone], ['a desktop', desktop]]) {
    test(`on ${name}: reported, removed with a reason, read, appealed, reversed by another, and back`, async () => {
      const watching = await open(reporter, `/v/${video.id}`, { size });
      await reportVideo(watching.page);
      await watching.page.getByRole('link', { name: 'See your reports' }).click();
      await watching.page.getByText('Being looked at').waitFor();

      const desk = await open(moderator, '/moderation', { size });
      if (size === phone) await removeByTouch(desk.page);
      else await removeByKeyboard(desk.page);
      assert.equal((await new Client(server).call('GET', `/videos/${video.id}`)).status, 404, 'nobody else sees it');

      const told = await open(creator, '/notifications', { size });
      await told.page.getByRole('link', { name: /Something was decided about what you posted/ }).first().click();
      await told.page.waitForURL(/\/decisions\?about=/);
      const statement = told.page.getByRole('article', { name: 'Your video was removed' }).filter({ hasText: 'In force' });
      await statement.getByText(/^It advertises a kettle and does not say so\. <img/).waitFor();
      for (const said of ['A moderator, a person', 'Everywhere on this service', 'House rule 3', 'one of this service’s own rules']) {
        await statement.getByText(said).first().waitFor();
      }
      await statement.getByRole('button', { name: 'Write an appeal' }).click();
      await statement.getByLabel('Why is the decision wrong?').fill(`I bought the kettle myself. ${markup}`);
      await statement.getByRole('button', { name: 'Send the appeal' }).click();
      await statement.getByText(/^Waits for another moderator/).waitFor();

      await desk.page.goto('/moderation?view=appeals');
      await desk.page.getByText(/^You made this decision/).waitFor();
      const second = await open(colleague, '/moderation?view=appeals', { size });
      const appeal = second.page.getByRole('article').filter({ hasText: creator.handle });
      await appeal.getByText('I bought the kettle myself.').waitFor();
      await pick(appeal, 'Take it back');
      await appeal.getByLabel('Answer').fill('You are right: nobody paid for it.');
      await appeal.getByRole('button', { name: 'Take the decision back' }).click();
      await second.page.getByText('The decision is taken back. They are told.').waitFor();
      await second.page.getByRole('heading', { name: 'No appeal waits' }).waitFor();

      await told.page.goto('/notifications');
      await told.page.getByRole('link', { name: /Your appeal is decided/ }).first().click();
      await told.page.getByText('you were right, and the decision is taken back').first().waitFor();
      await told.page.getByText('You are right: nobody paid for it.').first().waitFor();
      await watching.page.goto('/notifications');
      await watching.page.getByRole('link', { name: /news of what you reported/ }).first().click();
      await watching.page.getByText('This was taken back on appeal').first().waitFor();
      assert.equal((await new Client(server).get(`/videos/${video.id}`)).state, 'live');
      await done(watching, desk, told, second);
    });
  }

  test('what is against a law names the country; a report twice and one without an account are answered', async () => {
    const viewer = await newAccount(server, 'viewer');
    const { page, watch, close } = await open(viewer, `/@${creator.handle}`, { size: desktop, allow: [/status of 409/] });
    for (const answer of ['Thank you. It is reported.', 'you have reported this']) {
      await page.getByRole('button', { name: `More about @${creator.handle}` }).click();
      await page.getByRole('button', { name: `Report @${creator.handle}` }).click();
      const dialog = page.getByRole('dialog', { name: /Report this account|Thank you/ });
      await dialog.getByRole('button', { name: /against the law|illegal/i }).click();
      await dialog.getByLabel('Against the law of').selectOption('');
      await dialog.getByRole('button', { name: 'Send the report' }).click();
      await dialog.getByText('Choose the country whose law it is against.').waitFor();
      await dialog.getByLabel('Against the law of').selectOption({ label: 'Netherlands' });
      await dialog.getByRole('button', { name: 'Send the report' }).click();
      await dialog.getByText(new RegExp(answer, 'i')).first().waitFor();
      await page.keyboard.press('Escape');
    }
    const { items: [made] } = await viewer.client.get('/account/reports');
    assert.deepEqual([made.reason, made.country, made.account.handle], ['illegal', 'NL', creator.handle]);
    watch.assertClean();
    await close();

    const visitor = await open(null, `/@${creator.handle}`, { size: phone });
    await visitor.page.getByRole('button', { name: `Report @${creator.handle}` }).click();
    await visitor.page.getByRole('dialog', { name: 'Sign in to go on' }).getByText('Nobody sees who reported.').waitFor();
    await done(visitor);
    await decide(moderator, { id: creator.account.id }, { action: 'no_action' });
  });

  test('a comment is reported from its menu, judged where it stands, and its author reads why', async () => {
    const author = await newAccount(server, 'loud');
    const comment = await author.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text: `Buy at my shop! ${markup}` });
    const watching = await open(reporter, `/v/${video.id}?comment=${comment.id}`, { size: phone });
    await watching.page.getByRole('button', { name: /^More about the comment/ }).first().click();
    await watching.page.getByRole('button', { name: 'Report', exact: true }).click();
    await watching.page.getByRole('dialog', { name: 'Report this comment' }).getByRole('button', { name: /spam/i }).click();
    await watching.page.getByRole('button', { name: 'Send the report' }).click();
    await watching.page.getByRole('dialog', { name: 'Thank you. It is reported.' }).waitFor();

    const desk = await open(moderator, '/moderation', { size: desktop });
    await desk.page.getByRole('button', { name: new RegExp(author.handle) }).click();
    const about = desk.page.getByRole('region', { name: `Comment by @${author.handle}` });
    await about.getByText('Under the video').waitFor();
    await about.getByText('Buy at my shop!').first().waitFor();
    await about.getByRole('button', { name: 'Claim', exact: true }).click();
    await pick(about, 'Remove');
    assert.equal(await about.getByRole('radio', { name: 'Limit' }).count(), 0, 'only what can be done to a comment');
    await about.getByRole('button', { name: 'Remove it' }).click();
    await about.getByText('Fill this in, please.').first().waitFor();
    await about.getByLabel('Which rule or law').fill('House rule 3');
    await about.getByLabel('Reason', { exact: true }).fill('It only advertises.');
    await about.getByRole('button', { name: 'Remove it' }).click();
    await desk.page.getByText(/^Decided\./).waitFor();

    const read = await open(author, `/v/${video.id}?comment=${comment.id}`, { size: desktop });
    await read.page.getByRole('link', { name: 'Read why, and appeal' }).click();
    await read.page.getByRole('article', { name: 'Your comment was removed' }).getByText('It only advertises.').waitFor();
    await done(watching, desk, read);
  });

  test('a refusal of the server is said in the form, and nothing that was typed is lost', async () => {
    await report(reporter, target());
    const desk = await open(moderator, '/moderation', { size: desktop, allow: [/status of 409/] });
    await desk.page.getByRole('button', { name: new RegExp(creator.handle) }).click();
    await desk.page.keyboard.press('c');
    await desk.page.getByText(/^Yours until/).waitFor();
    await pick(fieldsOf(desk.page), 'Warn');
    await fieldsOf(desk.page).getByLabel('Which rule or law').fill('House rule 3');
    await fieldsOf(desk.page).getByLabel('Reason', { exact: true }).fill('Typed with care.');
    const { id } = await caseAbout(moderator, target());
    await moderator.client.expect(200, 'POST', `/moderation/queue/${id}/release`);
    await fieldsOf(desk.page).getByRole('button', { name: 'Send the warning' }).click();
    await fieldsOf(desk.page).getByRole('alert').getByText(/claim this case first/i).waitFor();
    assert.equal(await fieldsOf(desk.page).getByLabel('Reason', { exact: true }).inputValue(), 'Typed with care.');

    // Another moderator takes it: seen here, and nothing can be done about it.
    await colleague.client.expect(200, 'POST', `/moderation/queue/${id}/claim`);
    await desk.page.getByText(new RegExp(`^@${colleague.handle} is looking at this`)).waitFor();
    assert.ok(await desk.page.getByRole('button', { name: 'Claim', exact: true }).isDisabled());
    await colleague.client.expect(200, 'POST', `/moderation/queue/${id}/release`);
    await done(desk);
    await decide(moderator, target(), { action: 'no_action' });
  });

  test('the queue is filtered, and says when nothing waits', async () => {
    await report(reporter, target());
    const desk = await open(moderator, '/moderation', { size: desktop });
    await desk.page.getByText('1 case', { exact: true }).waitFor();
    await desk.page.getByLabel('About').selectOption({ label: 'Comments' });
    await desk.page.getByRole('heading', { name: 'Nothing fits' }).waitFor();
    await desk.page.getByRole('button', { name: 'Show all' }).click();
    await desk.page.getByRole('button', { name: new RegExp(creator.handle) }).waitFor();
    await decide(moderator, target(), { action: 'no_action' });
    await desk.page.reload();
    await desk.page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
    await desk.page.keyboard.press('?');
    await desk.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await done(desk);
  });

  test('automatic rules are written as lines, checked, and hold what they find', async () => {
    const { page, watch, close } = await open(moderator, '/moderation?view=rules', { size: desktop });
    const words = page.getByRole('region', { name: 'Words' });
    await words.getByLabel('Hold until a moderator has looked').fill('miracle cure\nmiracle cure\n');
    await words.getByLabel('Put before a moderator').fill('w'.repeat(41));
    await page.getByRole('button', { name: 'Save the rules' }).click();
    await words.getByText(/is too long/).waitFor();
    await words.getByLabel('Put before a moderator').fill('free crypto');
    await page.getByLabel('Videos an hour').fill('20');
    await page.getByRole('button', { name: 'Save the rules' }).click();
    await page.getByText('Saved. They hold for what is posted from now on.').waitFor();
    const rules = await moderator.client.get('/moderation/rules');
    assert.deepEqual(rules.words.map(({ text, outcome }) => `${text} ${outcome}`).sort(), ['free crypto queue', 'miracle cure hold']);
    assert.equal(rules.videos_per_hour, 20);

    const hawker = await newAccount(server, 'hawker');
    const comment = await hawker.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text: 'A miracle cure!' });
    assert.ok(comment.withheld);
    const read = await open(hawker, '/decisions', { size: phone });
    await read.page.getByRole('article', { name: 'Your comment waits for a moderator' }).getByText('An automatic rule found it and decided').waitFor();
    await moderator.client.expect(200, 'PUT', '/moderation/rules', { words: [], hashes: [], videos_per_hour: 0, rate_outcome: 'queue' });
    await decide(moderator, { id: comment.id }, { action: 'no_action' });
    watch.assertClean();
    await close();
    await done(read);
  });

  test('what is sensitive waits behind a veil in feed, grid and embedded player; labels can be read and heard', async () => {
    await report(reporter, target());
    const made = await decide(moderator, target(), { action: 'label', labels: ['sensitive', 'ai_made'] });
    await eventually('the label is there', async () => (await new Client(server).get(`/videos/${video.id}`)).sensitive);
    for (const size of [phone, desktop]) {
      const { page, watch, close } = await open(null, `/@${creator.handle}`, { size });
      await page.getByRole('main').getByText('Sensitive').waitFor();
      assert.equal(await page.getByRole('main').locator('li img').count(), 0, 'no picture of it in the grid');
      await page.goto(`/v/${video.id}`);
      const shown = page.locator('article[aria-hidden="false"]');
      await shown.getByRole('heading', { name: 'Sensitive content' }).waitFor();
      await shown.getByText('This video was made or changed by artificial intelligence').waitFor({ state: 'attached' });
      await nextFirstFrame(page, 0);
      assert.ok(await shown.locator('video').evaluate((element) => element.paused && element.currentTime === 0), 'it does not play');
      const [veil, clip] = [await shown.locator('.veil').boundingBox(), await shown.locator('video').boundingBox()];
      assert.deepEqual(veil, clip, 'all of it is covered');
      assert.deepEqual(await axe(page), [], 'the veil');
      await shown.getByRole('button', { name: 'Show it' }).click();
      assert.ok(await plays(page), 'lifted, it plays');
      assert.equal(await shown.getByRole('heading', { name: 'Sensitive content' }).count(), 0);
      await page.goto(`/embed/${video.id}`);
      await page.getByRole('heading', { name: 'Sensitive content' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Play' }).count(), 0);
      await page.getByRole('button', { name: 'Show it' }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      watch.assertClean();
      await close();
    }
    const grown = await open(reporter, '/settings', { size: desktop });
    await grown.page.getByRole('switch', { name: 'Show sensitive videos at once' }).click();
    await grown.page.goto(`/v/${video.id}`);
    assert.ok(await plays(grown.page), 'no veil for an adult who chose so');
    await done(grown);
    assert.ok(!(await (await fetch(`${server.url}/v/${video.id}`)).text()).includes('og:image'), 'no picture of it for messengers');
    const { id } = (await creator.client.expect(201, 'POST', `/account/decisions/${made.id}/appeal`, { text: 'It is not.' })).appeal;
    await colleague.client.expect(200, 'POST', `/moderation/appeals/${id}/decision`, { outcome: 'reversed', reason: 'It is not.' });
  });

  test('one’s own removed video says so and leads to why', async () => {
    await report(reporter, target());
    const made = await decide(moderator, target(), { action: 'remove' });
    const { page, watch, close } = await open(creator, '/studio/videos?state=removed', { size: phone });
    await page.getByRole('link', { name: /kettle/ }).first().click();
    await page.getByRole('heading', { name: 'Removed' }).waitFor();
    await page.getByRole('link', { name: 'Read the decision and appeal' }).click();
    await page.getByRole('article', { name: 'Your video was removed' }).filter({ hasText: 'In force' }).waitFor();
    watch.assertClean();
    await close();
    const { id } = (await creator.client.expect(201, 'POST', `/account/decisions/${made.id}/appeal`, { text: 'No.' })).appeal;
    await colleague.client.expect(200, 'POST', `/moderation/appeals/${id}/decision`, { outcome: 'reversed', reason: 'Right.' });
  });

  test('a suspended account signs in to read why and appeal, and to nothing else', async () => {
    const rude = await newAccount(server, 'rude');
    const account = { kind: 'account', id: rude.account.id };
    await report(reporter, account);
    await decide(moderator, account, { action: 'suspend', days: 7, reason: 'Threats under three videos.' });
    const { page, watch, close } = await open(null, '/sign-in', { size: phone, allow: [/status of 403/] });
    await page.getByLabel('Handle').fill(rude.handle);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText(/suspended until .*Threats under three videos\./).waitFor();
    assert.deepEqual(await axe(page), [], 'the refusal');
    await page.getByRole('button', { name: 'Read the decision and appeal' }).click();
    await page.waitForURL('/decisions');
    const statement = page.getByRole('article', { name: 'Your account was suspended' });
    await statement.getByText('Threats under three videos.').waitFor();
    await page.goto('/');
    await page.getByRole('heading', { name: /^Your account is suspended until/ }).waitFor();
    assert.equal(await page.locator('article.slide').count(), 0, 'no feed');
    assert.deepEqual(await axe(page), [], 'the barred page');
    await page.getByRole('link', { name: 'Read the decision and appeal' }).click();
    await statement.getByRole('button', { name: 'Write an appeal' }).click();
    await statement.getByLabel('Why is the decision wrong?').fill('That was not me.');
    await statement.getByRole('button', { name: 'Send the appeal' }).click();
    await statement.getByText(/^Waits for another moderator/).waitFor();
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.waitForURL('/');
    watch.assertClean();
    await close();
    const { items: [{ id }] } = await colleague.client.get('/moderation/appeals');
    await colleague.client.expect(200, 'POST', `/moderation/appeals/${id}/decision`, { outcome: 'upheld', reason: 'It was.' });
  });

  test('no serious finding on any of these pages, empty or full, in both themes and sizes', async () => {
    await report(reporter, target(), { reason: 'violence' });
    const { id } = await caseAbout(moderator, target());
    await moderator.client.expect(200, 'POST', `/moderation/queue/${id}/claim`);
    const nobody = await newAccount(server, 'nobody');
    const newcomer = await newModerator(server, 'new');
    const places = [
      [reporter, '/reports'], [creator, '/decisions'], [nobody, '/reports'], [nobody, '/decisions'], [nobody, '/moderation'], [null, '/moderation'],
      [null, '/reports'], [null, '/decisions'], [moderator, '/moderation'], [newcomer, '/moderation?view=appeals'], [moderator, '/moderation?view=rules'],
    ];
    const found = [];
    for (const scheme of ['light', 'dark']) {
      for (const size of [phone, desktop]) {
        for (const [who, path] of places) {
          const { page, watch, close } = await open(who, path, { size, scheme });
          await page.locator('#main :is(h1, h2)').first().waitFor();
          await page.waitForTimeout(300);
          if (who === moderator && path === '/moderation') {
            await page.getByRole('button', { name: new RegExp(creator.handle) }).click();
            await pick(fieldsOf(page), 'Suspend');
          }
          found.push(...(await axe(page)).map((text) => `${path} ${scheme} ${size === phone ? 'phone' : 'desktop'}: ${text}`));
          watch.assertClean();
          await close();
        }
      }
    }
    assert.deepEqual(found, []);
  });
});
