// A mirror that is damaged, cut off or shared: found, repaired, never served.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GitThread } from '../../../src/control/sources/git/gitThread.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import type { GitFixture } from './gitFixture.ts';
import { testWithServer } from './withGitServer.ts';

const main = { label: 'main' };

const damages: readonly (readonly [string, (mirror: string, fixture: GitFixture) => void])[] = [
  ['a pack with a flipped bit', (mirror, fixture) => flipByte(fixture.packsOf(mirror)[0]!, 30)],
  ['a pack that is cut', (mirror, fixture) => truncateSync(fixture.packsOf(mirror)[0]!, 60)],
  ['an empty pack', (mirror, fixture) => truncateSync(fixture.packsOf(mirror)[0]!, 0)],
  ['an index that is cut', (mirror, fixture) => truncateSync(fixture.packsOf(mirror)[0]!.replace(/pack$/, 'idx'), 1_050)],
  ['no packs', (mirror) => rmSync(join(mirror, 'objects/pack'), { recursive: true })],
  ['garbage instead of refs', (mirror) => writeFileSync(join(mirror, 'packed-refs'), 'garbage\n\0\u0001')],
  ['a ref to nothing', (mirror) => writeFileSync(join(mirror, 'packed-refs'), `${'1'.repeat(40)} refs/heads/main\n`)],
  ['no HEAD', (mirror) => rmSync(join(mirror, 'HEAD'))],
  ['no refs', (mirror) => rmSync(join(mirror, 'packed-refs'))],
  [
    'a file in its place',
    (mirror) => {
      rmSync(mirror, { recursive: true });
      writeFileSync(mirror, 'x');
    },
  ],
];
for (const [damage, harm] of damages) {
  testWithServer(`${damage}: found when it is opened, and rebuilt`, async (test, fixture, server) => {
    const commit = fixture.push({ 'a.yml': 'v: 1\n' });
    const uri = `${server.url}/origin.git`;
    await fixture.source(uri).open();
    const [mirror] = fixture.mirrors();
    harm(mirror!, fixture);
    const thread = new GitThread();
    test.teardown(() => thread.close());
    const source = fixture.source(uri, {}, thread);
    test.equal(await revisionOf(source, main), commit);
    test.equal(text(await source.tree(commit), 'a.yml'), 'v: 1\n');
    test.same(fixture.mirrors(), [mirror], 'nothing is left beside it');
    fixture.work.git('-C', mirror!, 'fsck', '--full', '--strict');
  });
}

testWithServer('damage that is met while it is served is repaired by the next poll', async (test, fixture, server) => {
  fixture.push({ 'a.yml': 'v: 1\n' });
  const second = fixture.push({ 'a.yml': 'v: 2\n' });
  const source = fixture.source(`${server.url}/origin.git`);
  await source.open();
  const [mirror] = fixture.mirrors();
  for (const pack of fixture.packsOf(mirror!)) writeFileSync(pack, readFileSync(pack).fill(0, 12, readFileSync(pack).length - 20));
  let hints = 0;
  source.onHint(() => (hints += 1));
  await test.rejects(source.tree(second), { code: 'SOURCE_DAMAGED' });
  test.equal(hints, 1);
  test.equal((await source.poll()).problem, null);
  test.equal(text(await source.tree(second), 'a.yml'), 'v: 2\n');
});

testWithServer('a damaged mirror and no remote: unavailable, with the reason; then rebuilt', async (test, fixture, server) => {
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  const uri = `${server.url}/origin.git`;
  await fixture.source(uri).open();
  flipByte(fixture.packsOf(fixture.mirrors()[0]!)[0]!, 40);
  server.setFault('serverError');
  const thread = new GitThread();
  test.teardown(() => thread.close());
  const source = fixture.source(uri, {}, thread);
  test.match(await source.resolve('main'), { kind: 'unavailable', reason: /503/ });
  server.setFault('none');
  await source.poll();
  test.equal(await revisionOf(source, main), commit);
});

testWithServer('a process that is killed in the middle of a fetch leaves a mirror that opens', async (test, fixture, server) => {
  const before = fixture.push({ 'a.yml': 'v: 1\n' });
  const uri = `${server.url}/origin.git`;
  await fixture.source(uri).open();
  const after = fixture.push({ 'a.yml': 'v: 2\n', 'b.yml': 'b: 1\n' });
  server.setFault('hangInPack');
  const child = fork(fileURLToPath(new URL('./fetchChild.js', import.meta.url)), [uri, fixture.storage], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const deadline = Date.now() + 10_000;
  while (!server.requests.at(-1)?.startsWith('POST') && Date.now() < deadline) await sleep(5);
  await sleep(50);
  child.kill('SIGKILL');
  await once(child, 'exit');
  server.setFault('serverError');
  const thread = new GitThread();
  test.teardown(() => thread.close());
  const source = fixture.source(uri, {}, thread);
  test.equal(await revisionOf(source, main), before);
  test.equal(text(await source.tree(before), 'a.yml'), 'v: 1\n');
  server.setFault('none');
  test.same((await source.poll()).movedLabels, ['main']);
  test.equal(await revisionOf(source, main), after);
});

testWithServer('two servers share one storage directory', async (test, fixture, server) => {
  fixture.push({ 'a.yml': 'v: 0\n' });
  const threads = [new GitThread(), new GitThread()];
  test.teardown(() => Promise.all(threads.map((thread) => thread.close())));
  const sources = threads.map((thread) => fixture.source(`${server.url}/origin.git`, { packsMax: 2 }, thread));
  await Promise.all(sources.map((source) => source.open()));
  for (let number = 1; number <= 12; number += 1) {
    const commit = fixture.push({ 'a.yml': `v: ${number}\n` });
    const results = await Promise.all(sources.map((source) => source.poll()));
    for (const [index, source] of sources.entries()) {
      test.equal(results[index]?.problem, null);
      test.equal(await revisionOf(source, main), commit);
      test.equal(text(await source.tree(commit), 'a.yml'), `v: ${number}\n`);
    }
  }
  test.equal(fixture.mirrors().length, 1);
  fixture.work.git('-C', fixture.mirrors()[0]!, 'fsck', '--full');
});

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0xff;
  writeFileSync(path, bytes);
}
