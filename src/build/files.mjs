// What the build steps ask of the file system: lists of files, and whether a build is older than its sources.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project, without a slash at its end. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Written by the build when everything went well. */
export const buildStamp = join(projectRoot, 'dist/.built');

/**
 * Every file below a folder, recursively; none when there is no such folder.
 *
 * @param {string} folder absolute
 * @returns {string[]} absolute paths
 */
export function filesBelow(folder) {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return pathsBelow(folder).filter((path) => statSync(path).isFile());
}

/**
 * Whether dist/ lacks a build of these folders as they are now. A deleted source shows in its folder's time.
 *
 * @param {readonly string[]} folders relative to the project
 * @returns {boolean}
 */
export function isBuildStale(folders) {
  const built = statSync(buildStamp, { throwIfNoEntry: false });
  if (built === undefined) return true;
  const sources = folders.flatMap((folder) => {
    const absolute = join(projectRoot, folder);
    return [absolute, ...pathsBelow(absolute)];
  });
  return [...sources, join(projectRoot, 'tsconfig.json'), join(projectRoot, 'package.json')].some((path) => statSync(path).mtimeMs > built.mtimeMs);
}

/** @param {string} folder absolute */
function pathsBelow(folder) {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  // what Maven makes below the Java sources of the interop tests is output, not source
  return paths.filter((path) => !/interop.\w+.target/.test(path));
}
