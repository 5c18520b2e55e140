// A real mail server for the tests. It writes each email that it accepts to a file, and refuses some addresses.
//
// node mail-server.mjs MODULES FOLDER PORT [KEY CERTIFICATE]

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [modules, folder, port, key, certificate] = process.argv.slice(2);
const { SMTPServer } = createRequire(path.join(modules, 'x.js'))('smtp-server');

// By the beginning of the address: what a full mailbox, a mailbox that does not exist, and a busy server answer.
const refusals = { full: [452, 'Mailbox full'], gone: [550, 'No such user'], busy: [421, 'Try again later'] };

let number = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH'],
  hideSTARTTLS: !key,
  secure: Boolean(key),
  ...(key ? { key: fs.readFileSync(key), cert: fs.readFileSync(certificate) } : {}),
  onRcptTo({ address }, session, callback) {
    const refusal = refusals[address.split(/[.@]/)[0]];
    if (!refusal) return callback();
    const error = new Error(`${refusal[1]}: ${address}`);
    error.responseCode = refusal[0];
    callback(error);
  },
  onData(stream, session, callback) {
    number += 1;
    const name = path.join(folder, `${Date.now()}-${String(number).padStart(4, '0')}`);
    // Written under another name first, so that nobody reads half an email.
    stream.pipe(fs.createWriteStream(`${name}.tmp`)).on('finish', () => {
      fs.renameSync(`${name}.tmp`, `${name}.eml`);
      callback();
    });
  },
});
server.on('error', () => {});
server.listen(Number(port), '127.0.0.1', () => console.log(server.server.address().port));
