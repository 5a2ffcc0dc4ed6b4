// The memory of an epoch is written again for a later one: no answer may ever show it, however slowly it is read.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startServer, type Server } from '../../fixtures/server.ts';
import { Random } from '../fuzz/random.ts';

t.setTimeout(120_000);

const applications = Array.from({ length: 60 }, (_, index) => `app${index}`);
const changesMin = 40;

function tagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Reads an answer of a large body only after a wait, so that the server holds what the socket does not take. */
async function slowRead(server: Server, waitMs: number): Promise<boolean> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /large/prod HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await sleep(waitMs);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
  const all = Buffer.concat(chunks);
  const end = all.indexOf('\r\n\r\n');
  return all.toString('latin1', 0, end).includes(`etag: ${tagOf(all.subarray(end + 4))}`);
}

t.test('answers match their entity tags while epochs follow each other', async (t) => {
  const large = (turn: number): string => `text: ${String.fromCharCode(97 + (turn % 26)).repeat(8_000_000)}\n`;
  const files = Object.fromEntries(applications.map((name) => [`${name}.yml`, `v: ${name}-0\n`]));
  const server = await startServer(t, { files: { ...files, 'large.yml': large(0) }, settings: { server: { workers: 2 } } });
  const random = new Random(11);
  let changes = 0;
  let answers = 0;
  const mismatches: string[] = [];
  const running = { yes: true };
  const reader = async (): Promise<void> => {
    while (running.yes) {
      const name = random.pick(applications);
      const answer = await fetch(`http://127.0.0.1:${server.port}/${name}/prod`);
      const body = Buffer.from(await answer.arrayBuffer());
      answers += 1;
      if (answer.status !== 200 || answer.headers.get('etag') !== tagOf(body) || !body.includes(`"v":"${name}-`))
        mismatches.push(`${name}: ${body.toString()}`);
    }
  };
  const slowReader = async (): Promise<void> => {
    while (running.yes) if (!(await slowRead(server, 200 + random.below(800)))) mismatches.push('large');
  };
  const work = [reader(), reader(), reader(), slowReader(), slowReader()];
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${server.managementPort}/metrics`)).text();
  const epochOf = (text: string): number => Number(/^vortex_epoch(?:\{.*\})? (\d+)$/m.exec(text)?.[1]);
  const firstEpoch = epochOf(await metrics());
  for (; changes < changesMin; changes += 1) {
    const name = random.pick(applications);
    server.write(`${name}.yml`, `v: ${name}-${'x'.repeat(random.below(200))}${changes}\n`);
    if (changes % 8 === 7) server.write('large.yml', large(changes));
    await sleep(120);
  }
  running.yes = false;
  await Promise.all(work);
  t.same(mismatches.slice(0, 3), []);
  t.ok(answers > 100, `${answers} answers`);
  t.ok(epochOf(await metrics()) - firstEpoch >= changesMin / 4, 'epochs followed each other');
});
