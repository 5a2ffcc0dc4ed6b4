// Secrets must not appear by accident.
import { format, inspect } from 'node:util';
import t from 'tap';
import { Secret } from '../../../src/base/secret.ts';

t.test('a secret shows in no dump, text, message or copy', async (t) => {
  const secret = new Secret('hunter2');
  const holder = { password: secret, list: [secret], map: new Map([['a', secret]]) };
  for (const shown of [
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    inspect(secret, { customInspect: false, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    `${String(secret)} ${secret.toString()}`,
    JSON.stringify(structuredClone(holder)),
    inspect(structuredClone(holder), { depth: 9, showHidden: true }),
    Object.values(secret).join(','),
  ]) {
    t.notMatch(shown, /hunter2/);
  }
  t.equal(JSON.stringify(secret), '"***"');
  t.equal(secret.reveal(), 'hunter2');
});
