// The message between servers: what goes in comes out, and nothing else is taken for one.
import t from 'tap';
import { decodeBusMessage, encodeBusMessage } from '../../../../src/control/bus/busMessage.ts';

const message = { from: '3f2b7c1e-8a4d-4e57-9c0b-1d2e3f4a5b6c', source: 'a'.repeat(64), revision: '0'.repeat(64) };

t.test('a message comes back as it was', async (t) => {
  t.same(decodeBusMessage(encodeBusMessage(message)), message);
});

t.test('what is no message of this version is none', async (t) => {
  const fields = { version: 1, ...message };
  for (const other of [
    '',
    'x',
    '{',
    'null',
    '[]',
    '"x"',
    { ...fields, version: 2 },
    { ...fields, from: 'me' },
    { ...fields, source: 'https://host/repository.git' },
    { ...fields, source: `${'a'.repeat(64)}\n` },
    { ...fields, revision: 'A'.repeat(64) },
    { ...fields, revision: 1 },
    { ...fields, revision: undefined },
    { ...fields, more: 'x'.repeat(1_000) },
  ]) {
    const text = typeof other === 'string' ? other : JSON.stringify(other);
    t.equal(decodeBusMessage(Buffer.from(text)), null, text.slice(0, 60));
  }
  t.equal(decodeBusMessage(Uint8Array.of(0xff, 0xfe, 0x00)), null);
});
