// A mail server that takes every mail and shows what came.
import { SMTPServer } from 'smtp-server';

import { eventually } from './api.mjs';

const mailMsMax = 20_000;

function decoded(body, encoding) {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString();
  if (!/quoted-printable/i.test(encoding)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** A mail of one part, its header's names in lower case. */
function parsed(raw, to) {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  return { to, headers, text: decoded(raw.slice(end + 4), headers['content-transfer-encoding'] ?? '') };
}

export class MailServer {
  #smtp;
  mails = [];

  static async start() {
    const server = new MailServer();
    server.#smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => server.#take(stream, session).then(() => done(), done),
    });
    await new Promise((resolve, reject) => server.#smtp.once('error', reject).listen(0, '127.0.0.1', resolve));
    server.address = `smtp://127.0.0.1:${server.#smtp.server.address().port}`;
    return server;
  }

  async #take(stream, { envelope }) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString();
    for (const { address } of envelope.rcptTo) this.mails.push(parsed(raw, address));
  }

  /** The next mail to an address that has not been read yet. */
  async next(to) {
    const found = await eventually(`a mail to ${to}`, () => this.mails.find((mail) => mail.to === to), mailMsMax);
    this.mails.splice(this.mails.indexOf(found), 1);
    return found;
  }

  close() {
    return new Promise((resolve) => this.#smtp.close(resolve));
  }
}

/** The code of eight digits that a mail carries. */
export const codeIn = ({ text }) => /\b\d{8}\b/.exec(text)?.[0];
