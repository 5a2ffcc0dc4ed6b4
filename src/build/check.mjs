// npm run check: format, lint, import law, house rules, types, README's generated tables and the chart's files. Runs all, reports all.
//
//   node src/build/check.mjs [--root FOLDER]     FOLDER: a copy of the project, for the test that the rules bite
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from './files.mjs';
import { tidyProblems } from './tidy.mjs';

const { values: options } = parseArgs({ options: { root: { type: 'string', default: projectRoot } } });
const root = resolve(options.root);

/** @type {readonly { name: string, run: () => boolean }[]} */
const steps = [
  { name: 'format (oxfmt)', run: () => runTool('oxfmt/bin/oxfmt', ['--check', '.']) },
  { name: 'lint (oxlint, type-aware)', run: () => runTool('oxlint/bin/oxlint', ['--type-aware', '-c', '.oxlintrc.json', '--deny-warnings', '.']) },
  {
    name: 'import law (dependency-cruiser)',
    run: () => runTool('dependency-cruiser/bin/dependency-cruise.mjs', ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...codeFolders()]),
  },
  { name: 'house rules', run: checkHouseRules },
  { name: 'types (tsc)', run: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.json', '--noEmit']) },
  { name: "README's generated tables", run: () => checkGenerated('generateReference', 'README.md') },
  { name: "the chart's generated files", run: () => !existsSync(join(root, 'charts')) || checkGenerated('generateChart', 'charts/vortex-config') },
];

const failed = [];
for (const step of steps) {
  const startedAt = Date.now();
  const isGood = step.run();
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${step.name} (${Date.now() - startedAt} ms)`);
  if (!isGood) failed.push(step.name);
}
console.log(failed.length === 0 ? 'check: clean' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/**
 * @param {string} tool path below node_modules
 * @param {readonly string[]} toolArguments
 */
function runTool(tool, toolArguments) {
  const path = join(root, 'node_modules', tool);
  const run = spawnSync(process.execPath, [path, ...toolArguments], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) console.log(`${run.stdout}${run.stderr}`);
  return run.status === 0;
}

function codeFolders() {
  return ['src', 'test', 'bench'].filter((folder) => existsSync(join(root, folder)));
}

function checkHouseRules() {
  const problems = tidyProblems(root);
  for (const problem of problems) console.log(problem);
  return problems.length === 0;
}

/**
 * @param {string} name of the generator, an entry of src/cli
 * @param {string} target what it writes
 */
function checkGenerated(name, target) {
  const generator = join(root, `dist/src/cli/${name}.js`);
  if (!existsSync(join(root, `src/cli/${name}.ts`))) {
    console.log(`src/cli/${name}.ts is missing`);
    return false;
  }
  if (!existsSync(generator)) {
    console.log('not built yet: npm run build');
    return false;
  }
  const run = spawnSync(process.execPath, [generator, target, '--check'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) console.log(`${run.stdout}${run.stderr}`);
  return run.status === 0;
}
