// What can go wrong between a remote, the network and the disk: the last good content stays, the message says what it is, and damage is repaired.
import { GitThread } from '../../../src/control/sources/git/gitThread.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import { type HttpFault } from './gitHttpServer.ts';
import { testWithServer } from './withGitServer.ts';

const main = { label: 'main' };

const faults: readonly (readonly [HttpFault, string, RegExp])[] = [
  ['serverError', 'SOURCE_UNREACHABLE', /answers 503/],
  ['notFound', 'SOURCE_UNAUTHORIZED', /answers 404/],
  ['garbage', 'SOURCE_PROTOCOL', /text\/html: that is no smart Git server/],
  ['hang', 'SOURCE_TIMEOUT', /silent for 2000 ms|longer than 2000 ms/],
  ['truncatedPack', 'SOURCE_PROTOCOL', /ends within|ended within/],
  ['hangInPack', 'SOURCE_TIMEOUT', /silent for 2000 ms|longer than 2000 ms/],
];

for (const [fault, code, says] of faults) {
  testWithServer(`${fault}: the content stays, the fetch ends, and the next one succeeds`, async (test, fixture, server) => {
    fixture.push({ 'a.yml': 'v: 1\n' });
    const source = fixture.source(`${server.url}/origin.git`, { timeoutMs: 2_000 });
    const before = await revisionOf(source, main);
    const commit = fixture.push({ 'a.yml': 'v: 2\n', 'big.bin': Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7_919) % 251)) });
    server.setFault(fault);
    const startMs = Date.now();
    const { problem } = await source.poll();
    test.equal(problem?.code, code);
    test.match(problem?.message, says);
    test.ok(Date.now() - startMs < 20_000);
    test.equal(await revisionOf(source, main), before);
    test.equal(text(await source.tree(before), 'a.yml'), 'v: 1\n');
    server.setFault('none');
    test.equal((await source.poll()).problem, null);
    test.equal(await revisionOf(source, main), commit);
  });
}

testWithServer('a remote that never stops sending is ended at the limit', async (test, fixture, server) => {
  fixture.push({ 'a.yml': 'v: 1\n' });
  server.setFault('endlessPack');
  const source = fixture.source(`${server.url}/origin.git`, { packBytesMax: 100_000 });
  await source.open();
  test.match(source.status(), { health: 'failed', lastError: { code: 'LIMIT_EXCEEDED' } });
});

testWithServer('a remote that was never reached is unavailable, and comes when it comes', async (test, fixture, server) => {
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  server.setFault('serverError');
  const source = fixture.source(`${server.url}/origin.git`);
  test.match(await source.resolve('main'), { kind: 'unavailable', reason: /answers 503/ });
  test.match(source.status(), { health: 'failed', lastSuccessAtMs: null, consecutiveFailures: 1 });
  await source.resolve('no-such');
  server.setFault('none');
  test.same(await source.poll(), { problem: null, movedLabels: ['main', 'no-such'] });
  test.equal(await revisionOf(source, main), commit);
  test.equal((await source.resolve('no-such')).kind, 'noSuchLabel');
  test.same((await source.poll()).movedLabels, []);
});

testWithServer('after a restart the content comes from disk while the remote is down', async (test, fixture, server) => {
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  const uri = `${server.url}/origin.git`;
  const first = fixture.source(uri);
  await first.open();
  const confirmedAtMs = first.status().lastSuccessAtMs ?? 0;
  await server.close();
  const thread = new GitThread();
  test.teardown(() => thread.close());
  const second = fixture.source(uri, {}, thread);
  test.equal(await revisionOf(second, main), commit);
  test.equal(text(await second.tree(commit), 'a.yml'), 'v: 1\n');
  test.equal(second.status().health, 'ok');
  test.ok(Math.abs((second.status().lastSuccessAtMs ?? 0) - confirmedAtMs) < 1_000, 'the age goes on over the restart');
  test.match((await second.poll()).problem, { code: 'SOURCE_UNREACHABLE', message: /ECONNREFUSED/ });
  test.equal(second.status().health, 'retrying');
});

testWithServer('closing does not wait for a remote that hangs', async (test, fixture, server) => {
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  const uri = `${server.url}/origin.git`;
  const thread = new GitThread();
  const source = fixture.source(uri, {}, thread);
  await source.open();
  server.setFault('hang');
  const polling = source.poll();
  const startMs = Date.now();
  await source.close();
  await thread.close();
  test.match(await polling, { problem: { code: 'INTERNAL' } });
  test.ok(Date.now() - startMs < 5_000);
  test.equal(await revisionOf(fixture.source(uri), main), commit, 'the mirror is as it was');
});
