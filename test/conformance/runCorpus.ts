// npm run conformance -- DIR: runs a corpus of recorded answers against the built server, prints each difference and counts.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCorpus, type Case, type Corpus, type Fixture } from './corpus.ts';
import { runFixture, type CaseResult } from './runFixture.ts';

const usage = `usage: npm run conformance -- [DIR] [options]

  DIR                    the corpus: cases.jsonl and fixtures/; default ../shared/conformance where it exists
  --filter TEXT          only fixtures with this name, or cases with this id; may be given several times
  --verbose              each case with its whole answer when it differs
  --jobs N               fixtures at once, default 2
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    filter: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), positionals[0] ?? defaultCorpus());
  if (options.help || !existsSync(`${folder}/cases.jsonl`)) {
    console.log(options.help ? usage : `${folder} holds no cases.jsonl\n\n${usage}`);
    return options.help ? 0 : 2;
  }
  const corpus = readCorpus(folder);
  const chosen = chooseCases(corpus);
  const results = await runAll(corpus, chosen);
  const failed = results.filter((result) => result.differences.length > 0);
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 && results.length > 0 ? 0 : 1;
}

function defaultCorpus(): string {
  const project = resolve(import.meta.dirname, '../../..');
  const shared = resolve(project, '../shared/conformance');
  return existsSync(shared) ? shared : resolve(project, 'test/conformance/corpus');
}

function chooseCases(corpus: Corpus): readonly Case[] {
  console.log(`${corpus.cases.length} cases in ${corpus.fixtures.size} fixtures`);
  if (options.filter.length === 0) return corpus.cases;
  const chosen = corpus.cases.filter((one) => options.filter.includes(one.fixture) || options.filter.includes(one.id));
  console.log(`${chosen.length} cases after --filter`);
  return chosen;
}

async function runAll(corpus: Corpus, cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const fixtureIds = [...new Set(cases.map((one) => one.fixture))];
  const queue = fixtureIds.map((id) => [id, cases.filter((one) => one.fixture === id)] as const);
  const results: CaseResult[] = [];
  const runQueue = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [id, fixtureCases] = next;
      const fixtureResults = await runFixture(fixtureOf(corpus, id), fixtureCases);
      report(id, fixtureResults);
      results.push(...fixtureResults);
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, () => runQueue()));
  return results;
}

function fixtureOf(corpus: Corpus, id: string): Fixture {
  const fixture = corpus.fixtures.get(id);
  if (fixture === undefined) throw new Error(`the corpus has cases but no fixture ${id}`);
  return fixture;
}

function report(fixture: string, results: readonly CaseResult[]): void {
  const failed = results.filter((result) => result.differences.length > 0);
  console.log(`${failed.length === 0 ? 'ok  ' : 'FAIL'} ${fixture}: ${results.length - failed.length} of ${results.length}`);
  for (const result of failed) {
    console.log(`  ${result.case.id} ${result.case.method} ${result.target}`);
    if (Object.keys(result.case.headers).length > 0) console.log(`    headers: ${JSON.stringify(result.case.headers)}`);
    for (const difference of result.differences) console.log(`    ${difference}`);
    if (result.case.notes !== undefined) console.log(`    notes: ${result.case.notes}`);
    if (options.verbose && result.answer !== null) {
      console.log(
        `    answer: ${result.answer.status} ${JSON.stringify(result.answer.headers)}\n    ${result.answer.body.toString('utf8').replaceAll('\n', '\n    ')}`,
      );
    }
  }
}
