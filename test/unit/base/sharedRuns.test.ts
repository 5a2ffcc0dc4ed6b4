// Tasks of one key never overlap, and nobody gets a result that began before they asked.
import t from 'tap';
import { SharedRuns } from '../../../src/base/sharedRuns.ts';

class Task {
  readonly started: ((value: string) => void)[] = [];
  readonly failed: ((error: Error) => void)[] = [];

  readonly run = (): Promise<string> =>
    new Promise((resolve, reject) => {
      this.started.push(resolve);
      this.failed.push(reject);
    });
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

t.test('who asks while one runs shares the next one', async (t) => {
  const runs = new SharedRuns<string>();
  const task = new Task();
  const first = runs.run('a', task.run);
  const second = runs.run('a', task.run);
  const third = runs.run('a', task.run);
  const other = runs.run('b', task.run);
  t.equal(task.started.length, 2, 'one per key');
  task.started[0]!('one');
  task.started[1]!('b');
  t.equal(await first, 'one');
  t.equal(await other, 'b');
  await turn();
  t.equal(task.started.length, 3);
  const fourth = runs.run('a', task.run);
  task.started[2]!('two');
  t.strictSame(await Promise.all([second, third]), ['two', 'two']);
  await turn();
  task.started[3]!('three');
  t.equal(await fourth, 'three');
});

t.test('a task that fails fails those who shared it only', async (t) => {
  const runs = new SharedRuns<string>();
  const task = new Task();
  const first = runs.run('a', task.run);
  const second = runs.run('a', task.run);
  task.failed[0]!(new Error('no'));
  await t.rejects(first, /no/);
  await turn();
  task.started[1]!('yes');
  t.equal(await second, 'yes');
  await turn();
  const third = runs.run('a', task.run);
  t.equal(task.started.length, 3, 'nothing is left over');
  task.started[2]!('again');
  t.equal(await third, 'again');
});
