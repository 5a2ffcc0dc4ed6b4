// House rules that no lint rule knows: length and first line of files, names, re-exports, and what hot files never hold.
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { filesBelow } from './files.mjs';

const lineLimit = 400;
const checkedFolders = ['src', 'test', 'bench'];
/** Doors of libraries: other programs import everything from one module. */
const libraryEntries = new Set(['src/client/connect.ts']);
const vagueNames = /^(utils?|helpers?|common|manager|misc|index)\b/i;

/** In files ending in .hot.ts, which run per request or per pushed message. */
const neverInHotFiles = [
  { pattern: /\basync\b|\bawait\b/, what: 'async code' },
  { pattern: /\bJSON\./, what: 'JSON' },
  { pattern: /\.\.\.[\w[{(]/, what: 'a spread' },
  { pattern: /\blogger\b|\bconsole\./, what: 'logging' },
];

/**
 * The violations of the house rules below a project folder, one line each.
 *
 * @param {string} root absolute
 * @returns {string[]}
 */
export function tidyProblems(root) {
  const paths = checkedFolders.flatMap((folder) => filesBelow(join(root, folder)));
  const files = paths.filter((path) => isOwnCode(relative(root, path)));
  return files.flatMap((path) => fileProblems(readFileSync(path, 'utf8'), relative(root, path))).sort();
}

/** @param {string} path relative to the project */
function isOwnCode(path) {
  return /\.m?ts$|\.mjs$/.test(path) && !path.endsWith('.d.ts') && !/\/(fixtures|corpus|node_modules)\//.test(path);
}

/**
 * @param {string} text
 * @param {string} path relative to the project
 * @returns {string[]}
 */
export function fileProblems(text, path) {
  const lines = text.split('\n');
  const firstLine = lines[0]?.startsWith('#!') ? lines[1] : lines[0];
  const problems = [];
  if (lines.length - 1 > lineLimit) problems.push(`${lines.length - 1} lines, the limit is ${lineLimit}`);
  if (!/^\/\/ \S/.test(firstLine ?? '')) problems.push('the first line is no // comment that says what the file is');
  if (vagueNames.test(basename(path))) problems.push('the file has a vague name');
  lines.forEach((line, index) => {
    const at = `line ${index + 1}`;
    const isReExport = /^export (\*|(type )?\{[^}]*\}) .*from /.test(line) || /^export (\*|(type )?\{[^}]*\}) from /.test(line);
    if (isReExport && !libraryEntries.has(path)) problems.push(`${at}: a re-export`);
    if (/\b(TODO|FIXME|XXX)\b/.test(line.replace(/(['"`/])[^'"`/]*\1/g, ''))) problems.push(`${at}: an unfinished part`);
    if (/\bt\.(only|todo)\(|\bskip: true\b/.test(line)) problems.push(`${at}: a test that does not run`);
    if (path.endsWith('.hot.ts')) problems.push(...hotProblems(line).map((problem) => `${at}: ${problem}`));
  });
  return problems.map((problem) => `${path}: ${problem}`);
}

/** @param {string} line */
function hotProblems(line) {
  const code = line.replace(/\/\/.*$|^\s*\*.*$|\/\*\*.*$/, '');
  return neverInHotFiles.filter(({ pattern }) => pattern.test(code)).map(({ what }) => `${what} in a hot file`);
}
