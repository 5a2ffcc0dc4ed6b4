// npm run build: compiles src, test and bench into dist/, copies what is not code, and removes what has no source any more.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { buildStamp, filesBelow, projectRoot } from './files.mjs';

const dist = join(projectRoot, 'dist');
const compiledFolders = ['src', 'test', 'bench'];

/** @returns {boolean} whether everything compiled */
export function build() {
  rmSync(buildStamp, { force: true });
  const hasGaps = removeStaleOutputs();
  if (hasGaps) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  const startedAt = new Date();
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [compiler, '-p', join(projectRoot, 'tsconfig.json')], { stdio: 'inherit' });
  copyAssets();
  if (compiled.status !== 0) return false;
  writeFileSync(buildStamp, `${startedAt.toISOString()}\n`);
  // a source that changed while the compiler ran is newer than the build
  utimesSync(buildStamp, startedAt, startedAt);
  return true;
}

/** @returns {boolean} whether a source has no output, so that the incremental build must not trust its notes */
function removeStaleOutputs() {
  const sources = compiledFolders.flatMap((folder) => filesBelow(join(projectRoot, folder)));
  const expected = new Set(sources.map((source) => outputOf(source)).filter((output) => output !== null));
  for (const output of compiledFolders.flatMap((folder) => filesBelow(join(dist, folder)))) {
    const isCode = /\.m?js(\.map)?$/.test(output);
    if (isCode && !expected.has(output.replace(/\.map$/, ''))) rmSync(output);
  }
  return [...expected].some((output) => !existsSync(output));
}

/** @param {string} source */
function outputOf(source) {
  if (source.endsWith('.d.ts')) return null;
  const match = /^(.*)\.(m?)[jt]s$/.exec(relative(projectRoot, source));
  return match === null ? null : join(dist, `${match[1]}.${match[2]}js`);
}

function copyAssets() {
  for (const source of filesBelow(join(projectRoot, 'src'))) {
    if (/\.m?[jt]s$/.test(source)) continue;
    const target = join(dist, relative(projectRoot, source));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = build() ? 0 : 1;
