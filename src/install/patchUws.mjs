// Install step: makes the prebuilt uWebSockets.js addons load where the C library is older than glibc 2.38.
//
// The Linux addons ask for glibc 2.38 only because of two or three symbols that newer compilers chose for functions which every glibc
// has. They are pointed at those functions (elf.mjs). Nothing is touched where glibc is new enough or the system is not Linux;
// a file that is neither a known original nor its known result (uwsChecksums.json) is refused and left as it is.
// Plain JavaScript without dependencies, because it runs before anything is built.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { retargetSymbols } from './elf.mjs';

/** @typedef {Readonly<Record<string, { readonly original: string, readonly patched: string }>>} Checksums by file name, SHA-256 in hexadecimal */
/** @typedef {{ readonly patched: readonly string[], readonly alreadyPatched: readonly string[], readonly skipped: string | null }} PatchResult */

const glibcWithNewSymbols = [2, 38];
const addonName = /^uws_linux_(x64|arm64)_\d+\.node$/;
/** Which symbols ask for the new version, and the version of their twins: the oldest that each processor has. */
const perProcessor = {
  x64: { oldVersion: 'GLIBC_2.2.5', symbols: ['__isoc23_sscanf', '__isoc23_strtol', '__isoc23_strtoul'] },
  arm64: { oldVersion: 'GLIBC_2.17', symbols: ['__isoc23_strtol', '__isoc23_strtoul'] },
};

/**
 * @param {object} place
 * @param {string} place.folder where the addons lie
 * @param {string} place.platform as in process.platform
 * @param {string | null} place.glibcVersion of the running system, null when its C library is another one
 * @param {Checksums} place.checksums
 * @returns {PatchResult}
 * @throws {Error} on musl, and when a file is unknown; then no file was changed
 */
export function patchUws({ folder, platform, glibcVersion, checksums }) {
  /** @param {string} skipped */
  const untouched = (skipped) => ({ patched: [], alreadyPatched: [], skipped });
  if (platform !== 'linux') return untouched(`not needed on ${platform}`);
  if (glibcVersion === null) {
    throw new Error('uWebSockets.js needs glibc; this system has another C library (musl?). Use a glibc based image, for example Debian.');
  }
  if (hasNewSymbols(glibcVersion)) return untouched(`not needed with glibc ${glibcVersion}`);

  const names = readdirSync(folder)
    .filter((name) => addonName.test(name))
    .sort();
  if (names.length === 0) throw new Error(`no uWebSockets.js addon for Linux in ${folder}`);
  const originals = names.filter((name) => !isPatched(join(folder, name), checksums[name]));
  for (const name of originals) replaceFile(join(folder, name), patchAddon(name, readFileSync(join(folder, name)), checksums));
  return { patched: originals, alreadyPatched: names.filter((name) => !originals.includes(name)), skipped: null };
}

/**
 * The patched bytes of one addon.
 *
 * @param {string} name of the file: tells the processor
 * @param {Uint8Array} original
 * @param {Checksums} checksums
 * @returns {Uint8Array}
 */
export function patchAddon(name, original, checksums) {
  const processor = name.includes('_arm64_') ? perProcessor.arm64 : perProcessor.x64;
  const patched = retargetSymbols(original, {
    library: 'libc.so.6',
    newVersion: 'GLIBC_2.38',
    prefix: '__isoc23_',
    ...processor,
  });
  if (sha256(patched) !== checksums[name]?.patched) throw new Error(`patching ${name} gave an unexpected result; nothing was written`);
  return patched;
}

/** @param {string} version such as 2.36 */
function hasNewSymbols(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = glibcWithNewSymbols;
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

/**
 * @param {string} path
 * @param {{ readonly original: string, readonly patched: string } | undefined} known
 */
function isPatched(path, known) {
  const actual = sha256(readFileSync(path));
  if (known !== undefined && actual === known.patched) return true;
  if (known !== undefined && actual === known.original) return false;
  throw new Error(
    `${path} is not a known build of uWebSockets.js (SHA-256 ${actual}) and was left as it is. ` +
      'Reinstall the version that package-lock.json names, or use a system with glibc 2.38 or later, which needs no patch.',
  );
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Atomic: a reader, or an install that is interrupted, sees the old file or the new one.
 *
 * @param {string} path
 * @param {Uint8Array} bytes
 */
function replaceFile(path, bytes) {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, bytes, { mode: statSync(path).mode & 0o777, flush: true });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * The folder by module resolution, so that it is found in this project as well as above it when it is a dependency.
 *
 * @returns {string}
 */
export function installedAddonFolder() {
  return dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
}

/** @returns {Checksums} */
export function knownChecksums() {
  return JSON.parse(readFileSync(new URL('./uwsChecksums.json', import.meta.url), 'utf8'));
}

/** @returns {string | null} */
export function runningGlibcVersion() {
  if (process.platform !== 'linux') return null;
  /** @type {{ header: { glibcVersionRuntime?: string } }} */
  const report = /** @type {any} */ (process.report.getReport());
  return report.header.glibcVersionRuntime ?? null;
}

function main() {
  try {
    const result = patchUws({
      folder: installedAddonFolder(),
      platform: process.platform,
      glibcVersion: runningGlibcVersion(),
      checksums: knownChecksums(),
    });
    const done = `patched ${result.patched.length}, already patched ${result.alreadyPatched.length}`;
    console.log(`uWebSockets.js for older glibc: ${result.skipped ?? done}`);
  } catch (error) {
    console.error(`uWebSockets.js for older glibc: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

const startedAs = process.argv[1];
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) main();
