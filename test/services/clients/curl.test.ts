// What README says that curl shows: server-sent events by `curl -N`, and a long poll.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { startServer } from '../../fixtures/server.ts';

t.setTimeout(60_000);

const isMissing = spawnSync('curl', ['--version']).error !== undefined;
const skip = isMissing && process.env['CI'] === undefined ? 'curl is missing' : false;

t.test('curl -N shows the first state and each change as they come', { skip }, async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\nname: Grüße\n' } });
  const curl = spawn('curl', ['--silent', '--no-buffer', '--include', '--max-time', '30', `http://127.0.0.1:${server.port}/vortex/v1/events/orders/prod`]);
  t.teardown(() => curl.kill());
  let shown = '';
  curl.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const shows = async (part: RegExp): Promise<void> => {
    while (!part.test(shown)) await once(curl.stdout, 'data');
  };
  await shows(/\n\r?\n.*\n.*\ndata: .*\n\n/);
  t.match(shown, /^HTTP\/1.1 200 OK\r\n/);
  t.match(shown, /content-type: text\/event-stream\r\n/);
  t.match(shown, /\r\n\r\n(.*\r\n)?id: [\w-]{22}@[0-9a-f]{40}\nevent: snapshot\ndata: \{.*"properties":\{"a":1,"name":"Grüße"\}\}\n\n/);
  server.write('orders.yml', 'a: 2\nname: Grüße\n');
  await shows(/event: change\ndata: .*\n\n/);
  t.match(shown, /"changed":\{"a":\{"from":1,"to":2\}\}/);
});

t.test('curl waits in a long poll until there is something new', { skip }, async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' } });
  const poll = (query: string): { readonly process: ReturnType<typeof spawn>; readonly text: Promise<string> } => {
    const url = `http://127.0.0.1:${server.port}/vortex/v1/watch/orders/prod?${query}`;
    const process = spawn('curl', ['--silent', '--max-time', '30', '--write-out', ' %{http_code}', url], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => process.kill());
    const text = process.stdout
      .setEncoding('utf8')
      .toArray()
      .then((parts) => parts.join(''));
    return { process, text };
  };
  const first = await poll('').text;
  t.match(first, /"type":"snapshot".* 200$/);
  const hash = /"hash":"([^"]+)"/.exec(first)?.[1];
  t.equal(await poll(`hash=${hash}&wait=0.2`).text, ' 304');
  const waiting = poll(`hash=${hash}&wait=20`);
  server.write('orders.yml', 'a: 2\n');
  t.match(await waiting.text, /"type":"change".*"to":2.* 200$/);
});
