// The service that the gallery looks at: the demo, with everything switched on that has a page.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, eventually, newEmail, password } from '../harness/api.mjs';
import { launch } from '../harness/browser.mjs';
import { codeIn, MailServer } from '../harness/mail.mjs';
import { demoData, freePort, personal, Server } from '../harness/server.mjs';

/** What browsers of an authority say about themselves here. */
export const officialSignal = { 'x-managed-browser': 'ministry' };

export class House {
  static async open() {
    const house = new House();
    house.mail = await MailServer.start();
    const port = await freePort();
    house.server = await Server.startWithDemo({
      port,
      settings: {
        public_url: `http://localhost:${port}`, trusted_proxies: ['127.0.0.1'],
        smtp: house.mail.address, mail_from: 'vitrine@localhost',
        official_mail_domains: ['ministry.example', 'police.example'], official_networks: ['192.0.2.0/24', '2001:db8:ffff::/48'],
        official_signals: ['X-Managed-Browser: ministry'],
      },
    });
    house.browser = await launch();
    house.visitor = new Client(house.server);
    return house;
  }

  async close() {
    await this.browser.close();
    await this.server.close();
    await this.mail.close();
  }

  /** Somebody new, under a handle that looks well. */
  async newcomer(handle, display_name, { bio = '', birth_date = personal.birthDate } = {}) {
    const made = await this.visitor.expect(201, 'POST', '/accounts', { handle, password, display_name, birth_date });
    const client = new Client(this.server, made.token);
    if (bio) await client.expect(200, 'PATCH', '/account', { bio });
    return { handle, account: made.account, client };
  }

  /** One of those whom the demo brings along. */
  async resident(handle) {
    const { password: common } = JSON.parse(readFileSync(join(demoData, 'demo.json'), 'utf8'));
    const { account, token } = await this.visitor.expect(200, 'POST', '/session', { handle, password: common });
    return { handle, account, client: new Client(this.server, token) };
  }

  async giveAddress({ client, handle }) {
    const email = newEmail(handle);
    await client.expect(202, 'PUT', '/account/email', { email });
    await client.expect(200, 'POST', '/account/email/verification', { code: codeIn(await this.mail.next(email)) });
    return email;
  }

  async videosOf(handle) {
    return (await this.visitor.get(`/profiles/${handle}/videos`)).items;
  }

  /** The file of a video's largest rendition, to be published once more under another name. */
  async fileOf({ id, sources }) {
    const folder = join(tmpdir(), 'vitrine-gallery');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${id}.mp4`);
    const answer = await fetch(new URL(sources.at(-1).url, this.server.url));
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    return path;
  }

  /** What is said of somebody once the search has taken it in. */
  async untilFound(query) {
    await eventually(`the search finds ${query}`, async () => {
      const { videos, accounts } = await this.visitor.get(`/search?q=${encodeURIComponent(query)}`);
      return videos.length + accounts.length > 0;
    });
  }
}
