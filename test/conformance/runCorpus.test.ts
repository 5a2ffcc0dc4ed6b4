// The runner as a program, against the built server and the small corpus of this repository: it passes, and it can fail.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';

// several starts of the server
t.setTimeout(180_000);

const runner = join(import.meta.dirname, 'runCorpus.js');
const corpus = resolve(import.meta.dirname, '../../../test/conformance/corpus');

function runCorpus(folder: string, ...more: readonly string[]): { readonly exitCode: number | null; readonly output: string } {
  const run = spawnSync(process.execPath, [runner, folder, ...more], { encoding: 'utf8' });
  return { exitCode: run.status, output: run.stdout + run.stderr };
}

/** A copy of the corpus with other cases. */
function corpusWith(change: (cases: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-corpus-'));
  cpSync(corpus, folder, { recursive: true });
  writeFileSync(join(folder, 'cases.jsonl'), change(readFileSync(join(corpus, 'cases.jsonl'), 'utf8')));
  return folder;
}

t.test('the corpus of this repository passes, and the last line has the counts', async (t) => {
  const { exitCode, output } = runCorpus(corpus);
  const cases = readFileSync(join(corpus, 'cases.jsonl'), 'utf8').trim().split('\n').length;
  t.equal(output.trimEnd().split('\n').at(-1), `${cases} passed, 0 failed`, output);
  t.equal(exitCode, 0);
});

t.test('a wrong expectation fails, is shown with its place, and the exit code is 1', async (t) => {
  const folder = corpusWith((cases) => cases.replace('\\"ratio\\":2.0', '\\"ratio\\":2'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { exitCode, output } = runCorpus(folder, '--filter', 'lamp-native');
  t.match(output, /L01 GET \/lamp\/dim\n\s+\$\.propertySources\[2\]\.source\.ratio: expected the number 2, got the number 2\.0/);
  t.match(output, /\d+ passed, 1 failed\n$/);
  t.equal(exitCode, 1);
});

t.test('a filter chooses cases; when none is left it is no success', async (t) => {
  t.match(runCorpus(corpus, '--filter', 'L24').output, /1 passed, 0 failed\n$/);
  const none = runCorpus(corpus, '--filter', 'nothing');
  t.match(none.output, /0 passed, 0 failed\n$/);
  t.equal(none.exitCode, 1);
});

t.test('a server that does not start fails all cases of its fixture and shows why', async (t) => {
  const folder = corpusWith((cases) => cases);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const settings = join(folder, 'fixtures/lamp-native/settings.json');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('"overrides"', '"no-such-option": 1, "overrides"'));
  const { exitCode, output } = runCorpus(folder, '--filter', 'lamp-native');
  t.match(output, /the fixture could not run: the server ended with 78/);
  t.match(output, /no-such-option/);
  t.match(output, /0 passed, 8 failed\n$/);
  t.equal(exitCode, 1);
});
