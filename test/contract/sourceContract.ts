// What every source must do, whatever it reads: one suite, run by the test of each source.
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { diffTrees, openTree } from '../../src/snapshot/treeImage.ts';
import type { PollResult, Source } from '../../src/control/sources/source.ts';
import { SourcePoller } from '../../src/control/sources/sourcePoller.ts';

/** How the suite changes the world behind a source. */
export interface SourceWorld {
  /** Makes exactly these files the content. */
  put(files: Readonly<Record<string, string>>): Promise<void>;
  /** Makes every following poll fail, until `repair`. */
  breakRemote(): Promise<void>;
  repair(): Promise<void>;
  /** A source on this world; nothing was opened before. */
  source(): Source;
  /** Label under which the content is. */
  readonly label: string;
  /** From the paths of `put` to those of the tree. */
  treePath(path: string): string;
  /** From the bytes of a file of the tree to what `put` was given; null: they are the same. */
  readonly contentOf?: (bytes: string) => string;
  readonly hasLabels: boolean;
  /** '' is content too: everything without regard to labels. */
  readonly hasRoot?: boolean;
  close(): Promise<void>;
}

const first = { 'application.yml': 'a: 1\n', 'team/orders.yml': 'b: 2\n', 'team/deep/x.properties': 'c=3\n', 'empty.txt': '' };

export function testSourceContract(name: string, makeWorld: () => Promise<SourceWorld>): void {
  t.setTimeout(180_000);
  const inWorld = (title: string, check: (test: Test, world: SourceWorld) => Promise<void>): void => {
    void t.test(`${name}: ${title}`, { timeout: 60_000 }, async (test) => {
      const world = await makeWorld();
      test.teardown(() => world.close());
      await world.put(first);
      await check(test, world);
    });
  };

  inWorld('opens and reads every file with its bytes', async (test, world) => {
    const source = world.source();
    test.equal(source.status().health, 'opening');
    await source.open();
    test.equal(source.status().health, 'ok');
    test.equal(source.status().lastError, null);
    const tree = openTree(await source.tree(await revisionOf(source, world)));
    test.same(
      [...tree.paths()].toSorted(),
      Object.keys(first)
        .map((path) => world.treePath(path))
        .toSorted(),
    );
    for (const [path, content] of Object.entries(first)) {
      const file = tree.file(world.treePath(path));
      test.equal(contentIn(world, Buffer.from(file?.bytes() ?? []).toString()), content, path);
      test.ok((file?.modifiedAtMs ?? 0) > 1_000_000_000_000, 'a time in milliseconds');
    }
    test.ok(tree.hasDirectory(world.treePath('team/deep')));
    test.notOk(tree.hasDirectory(world.treePath('team/dee')));
    await source.close();
  });

  inWorld('a poll without a change moves nothing and confirms the content', async (test, world) => {
    const source = world.source();
    await source.open();
    const revision = await revisionOf(source, world);
    test.same(await source.poll(), { problem: null, movedLabels: [] });
    test.equal(await revisionOf(source, world), revision);
    test.ok(Date.now() - (source.status().lastSuccessAtMs ?? 0) < 60_000);
    await source.close();
  });

  inWorld('a change moves the label, keeps unchanged blobs and their bytes', async (test, world) => {
    const source = world.source();
    await source.open();
    const before = await source.tree(await revisionOf(source, world));
    await world.put({ ...first, 'application.yml': 'a: 9\n', 'new.yml': 'n: 1\n', 'empty.txt': 'full' });
    const result = await source.poll();
    test.same(result, { problem: null, movedLabels: [world.label] });
    const after = await source.tree(await revisionOf(source, world));
    const diff = diffTrees(openTree(before), openTree(after));
    test.same(diff.added, [world.treePath('new.yml')]);
    test.same([...diff.modified].toSorted(), [world.treePath('application.yml'), world.treePath('empty.txt')].toSorted());
    test.same(diff.removed, []);
    test.equal(contentIn(world, text(after, world.treePath('application.yml'))), 'a: 9\n');
    test.equal(contentIn(world, text(after, world.treePath('team/orders.yml'))), 'b: 2\n');
    test.equal(contentIn(world, text(before, world.treePath('application.yml'))), 'a: 1\n', 'the old image stays readable');
    test.equal(after.segments[0]?.byteLength, before.segments[0]?.byteLength, 'the old bytes are used again');
    await source.close();
  });

  inWorld('a deleted file is gone after the poll', async (test, world) => {
    const source = world.source();
    await source.open();
    await revisionOf(source, world);
    await world.put({ 'application.yml': 'a: 1\n' });
    await source.poll();
    const tree = openTree(await source.tree(await revisionOf(source, world)));
    test.same(tree.paths(), [world.treePath('application.yml')]);
    await source.close();
  });

  inWorld('a failed poll keeps the content, says why, and the next good one recovers', async (test, world) => {
    const source = world.source();
    await source.open();
    const revision = await revisionOf(source, world);
    await source.tree(revision);
    await world.breakRemote();
    for (const failures of [1, 2]) {
      const { problem, movedLabels } = await source.poll();
      test.ok(problem !== null && problem.message.length > 0);
      test.same(movedLabels, []);
      test.match(source.status(), { health: 'retrying', consecutiveFailures: failures });
    }
    test.equal(await revisionOf(source, world), revision);
    test.equal(contentIn(world, text(await source.tree(revision), world.treePath('application.yml'))), 'a: 1\n');
    await world.repair();
    test.same(await source.poll(), { problem: null, movedLabels: [] });
    test.match(source.status(), { health: 'ok', consecutiveFailures: 0, lastError: null });
    await source.close();
  });

  inWorld('concurrent polls are one poll', async (test, world) => {
    const source = world.source();
    await source.open();
    await revisionOf(source, world);
    await world.put({ 'application.yml': 'a: 5\n' });
    const results = await Promise.all([source.poll(), source.poll(), source.poll()]);
    test.equal(new Set(results).size, 1);
    test.same(results[0]?.movedLabels, [world.label]);
    await source.close();
  });

  inWorld('concurrent reads of a tree are one read', async (test, world) => {
    const source = world.source();
    const revision = await revisionOf(source, world);
    const [one, two] = await Promise.all([source.tree(revision), source.tree(revision)]);
    test.equal(one, two);
    await source.close();
  });

  inWorld('a revision that never was is refused', async (test, world) => {
    const source = world.source();
    await source.open();
    await test.rejects(source.tree('0123456789012345678901234567890123456789'), { name: 'Failure' });
    await test.rejects(source.tree('nonsense'), { name: 'Failure', code: 'LABEL_UNKNOWN' });
    await source.close();
  });

  inWorld('a poller sees a change, and does nothing after it was stopped', async (test, world) => {
    const source = world.source();
    await source.open();
    await revisionOf(source, world);
    const polls: PollResult[] = [];
    const poller = new SourcePoller(source, { intervalMs: 30, timeoutMs: 10_000, onPoll: (_source, result) => polls.push(result), random: () => 0.5 });
    poller.start();
    await world.put({ 'application.yml': 'a: 6\n' });
    const deadline = Date.now() + 10_000;
    while (!polls.some((result) => result.movedLabels.length > 0) && Date.now() < deadline) await sleep(5);
    test.ok(polls.some((result) => result.movedLabels.includes(world.label)));
    await poller.stop();
    const count = polls.length;
    await sleep(100);
    test.equal(polls.length, count);
    await source.close();
  });

  void t.test(`${name}: labels that do not exist`, async (test) => {
    const world = await makeWorld();
    test.teardown(() => world.close());
    await world.put(first);
    const source = world.source();
    const expected = world.hasLabels ? 'noSuchLabel' : 'revision';
    for (const label of ['no-such', 'abcd', 'refs/heads/no-such', '../..', 'a b', '']) {
      if (label === '' && (!world.hasLabels || world.hasRoot === true)) continue;
      test.equal((await source.resolve(label)).kind, expected, label);
    }
    await source.close();
  });
}

export async function revisionOf(source: Source, world: { readonly label: string }): Promise<string> {
  const state = await source.resolve(world.label);
  if (state.kind !== 'revision') throw new Error(`${world.label} is ${JSON.stringify(state)}, ${JSON.stringify(source.status().lastError)}`);
  return state.revision;
}

export function text(image: Parameters<typeof openTree>[0], path: string): string {
  return Buffer.from(openTree(image).file(path)?.bytes() ?? []).toString();
}

function contentIn(world: SourceWorld, bytes: string): string {
  return world.contentOf === undefined ? bytes : world.contentOf(bytes);
}
