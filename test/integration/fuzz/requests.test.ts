// Random requests through real sockets: never a crash, never a hang, always an HTTP answer or a clean close, never a leak.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { HttpWire, NotHttp, type WireAnswer } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';
import { fuzzPlan, Random } from './random.ts';
import { randomRequest, type RawRequest } from './rawRequests.ts';

const canary = 'CANARY-5d20ae-outside';
const plan = fuzzPlan([1, 20_260_101, 424_242], 2);

const server = await startServer(t, {
  files: {
    'application.yml': 'shared: ${x:default}\n',
    'shop.yml': 'a: 1\nlist: [1, 2]\n',
    'shop-dev.properties': 'b=2\n',
    'notes.txt': 'a note ${a}\n',
    'orders/notes.txt': 'orders\n',
    '.git/config': canary,
  },
  settings: { server: { workers: 2 } },
});
for (const name of ['secret.yml', 'shop', 'notes.txt', 'dev']) writeFileSync(join(server.folder, name), canary);

/** How long a request that lacks its end is waited for: the server may well wait for the rest. */
const mutatedWaitMs = 150;
const wholeWaitMs = 10_000;

async function answerTo(wire: HttpWire, request: RawRequest): Promise<WireAnswer> {
  const method = methodOf(request);
  if (!request.isMutated) return wire.answer(method, wholeWaitMs);
  try {
    return await wire.answer(method, mutatedWaitMs);
  } catch (error) {
    // What has begun must end.
    if (wire.unread().length === 0 || error instanceof NotHttp) throw error;
    return wire.answer(method, wholeWaitMs);
  }
}

/** Recorded answers of upstream: a list as Accept-Charset, a star in a name, a server without a key. */
const known500 = /accept-charset|\*|%2a|encrypt|decrypt/i;

/** What was wrong, or null. The connection is the caller's to reuse when `wire.closed` is false. */
async function problemOf(wire: HttpWire, request: RawRequest): Promise<string | null> {
  wire.send(request.bytes);
  try {
    const answer = await answerTo(wire, request);
    if (answer.body.includes(canary)) return 'the canary came out';
    if (answer.status === 502 || answer.status > 505) return `status ${answer.status}`;
    if (!request.isMutated && answer.status === 500 && !known500.test(request.bytes.toString('latin1'))) return 'status 500';
    return null;
  } catch (error) {
    const rest = wire.unread();
    if (rest.includes(canary)) return 'the canary came out';
    // Nothing at all: closed without an answer, or it waits for the rest of what a mutation took away.
    if (rest.length === 0 && (request.isMutated || wire.closed)) return request.isMutated ? null : 'closed without an answer';
    return error instanceof Error ? error.message : String(error);
  }
}

function isClosing(wire: HttpWire, { bytes }: RawRequest): boolean {
  return wire.closed || wire.isClosing || wire.socket.readableEnded || bytes.includes('connection:');
}

/** A mutation may have made a HEAD of it, whose answer has no body. */
function methodOf({ bytes, method }: RawRequest): string {
  const start = bytes.subarray(0, 5).toString('latin1').toUpperCase();
  if (start === 'HEAD ') return 'HEAD';
  return method === 'HEAD' ? 'GET' : method;
}

for (const seed of plan.seeds) {
  await t.test(`seed ${seed}`, async (t) => {
    const deadlineMs = Date.now() + plan.seconds * 1_000;
    let requests = 0;
    const problems: string[] = [];
    const fuzz = async (lane: number): Promise<void> => {
      const random = new Random(seed * 31 + lane);
      let wire = await HttpWire.open(server.port);
      while (Date.now() < deadlineMs && problems.length < 5) {
        const request = randomRequest(random);
        const problem = await problemOf(wire, request);
        requests += 1;
        if (problem !== null) problems.push(`${problem}: seed ${seed}, lane ${lane}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 600))}`);
        // After a mutation nobody knows where the next request begins; any Connection header may end the connection.
        if (request.isMutated || isClosing(wire, request) || random.chance(0.05)) {
          if (random.chance(0.5)) wire.destroy();
          else wire.reset();
          wire = await HttpWire.open(server.port);
        }
      }
      wire.destroy();
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(fuzz));
    t.same(problems, [], `${requests} requests`);
    t.ok(requests > 50);
    t.ok(server.isRunning, 'the server runs');
    t.equal((await server.get('/shop/dev')).status, 200);
  });
}

await t.test('no worker was lost and nothing was a bug', async (t) => {
  t.equal((await server.get('/health')).status, 200);
  t.same(
    server.logLines().filter((line) => line.level === 'error' || line.level === 'fatal'),
    [],
  );
  t.match((await server.manage('GET', '/metrics')).body.toString(), /^vortex_worker_restarts_total\{worker="0"\} 0$/m);
  t.notOk(server.output.includes(canary));
  t.ok(server.residentMegabytes() < 500, `${Math.round(server.residentMegabytes())} MB`);
});
