// npm test: builds, runs the test files of the named suites (folders below test/), and counts.
//
//   node src/build/test.mjs [--jobs 2] [--verbose] SUITE|FILE...          SUITE: unit, integration, ...; FILE: part of a path
//
// Each file is a tap program and runs as a plain node process, as `node dist/test/....test.js` does by hand.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { filesBelow, isBuildStale, projectRoot } from './files.mjs';
import { countTests } from './tapCounts.mjs';

const fileTimeoutMs = 300_000;
const compiledTests = join(projectRoot, 'dist/test');

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '2' }, verbose: { type: 'boolean', default: false } },
});

if (isBuildStale(['src', 'test', 'bench']) && !build()) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
mkdirSync(join(projectRoot, '.tap/fixtures'), { recursive: true });

const files = filesBelow(compiledTests).filter((path) => path.endsWith('.test.js') && wanted.some((part) => isWanted(relative(compiledTests, path), part)));
files.sort();
const total = { passed: 0, failed: 0, skipped: 0 };
const queue = [...files];
await Promise.all(Array.from({ length: Number(options.jobs) }, () => runQueue()));
if (files.length === 0) {
  console.log(`no test file matches: ${wanted.join(', ')}`);
  total.failed = 1;
}
const skippedText = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skippedText}`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * @param {string} path relative to the compiled tests
 * @param {string} part
 */
function isWanted(path, part) {
  return part.includes('/') || part.endsWith('.js') ? path.includes(part) : path.startsWith(`${part}/`);
}

async function runQueue() {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const startedAt = Date.now();
    const { output, errors, exitCode } = await runFile(path);
    const counts = countTests(output, exitCode === 0);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const name = relative(compiledTests, path);
    const skipReasons = [...output.matchAll(/# SKIP (.*)$|^1\.\.0 # (.*)$/gim)].map((match) => match[1] ?? match[2]);
    const skippedNote = counts.skipped > 0 ? `, ${counts.skipped} skipped: ${[...new Set(skipReasons)].join('; ')}` : '';
    console.log(`${counts.failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${counts.passed} passed${skippedNote} (${Date.now() - startedAt} ms)`);
    if (counts.failed > 0 || options.verbose) console.log(`${output}${errors}exit: ${exitCode}`);
  }
}

/**
 * @param {string} path
 * @returns {Promise<{ output: string, errors: string, exitCode: number | string }>}
 */
function runFile(path) {
  return new Promise((resolve) => {
    const environment = { TAP_TIMEOUT: String(fileTimeoutMs / 1000), ...process.env };
    const child = spawn(process.execPath, ['--enable-source-maps', path], { cwd: projectRoot, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    const killTimer = setTimeout(() => {
      errors += `ended after ${fileTimeoutMs} ms\n`;
      child.kill('SIGKILL');
    }, fileTimeoutMs);
    child.on('close', (code, signal) => {
      clearTimeout(killTimer);
      resolve({ output, errors, exitCode: code ?? String(signal) });
    });
  });
}
