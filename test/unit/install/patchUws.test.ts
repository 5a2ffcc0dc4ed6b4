// The install step for older C libraries, on the addons that npm installed and on files made up here.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { retargetSymbols } from '../../../src/install/elf.mjs';
import { publishedBytes } from './publishedBytes.ts';
import { installedAddonFolder, knownChecksums, patchAddon, patchUws, runningGlibcVersion } from '../../../src/install/patchUws.mjs';

const checksums = knownChecksums();
const names = Object.keys(checksums);

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The addon as published, whether the install step has run here or not. */
function publishedAddon(name: string): Uint8Array {
  const addon = Uint8Array.from(readFileSync(join(installedAddonFolder(), name)));
  for (const [offset, byte] of publishedBytes[name] ?? []) addon[offset] = byte;
  return addon;
}

/** A folder with these addons as published. */
function folderWith(folder: string, addons: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const name of addons) writeFileSync(join(folder, name), publishedAddon(name));
  return folder;
}

t.test('the checksum list names every Linux addon of the supported Node versions', async (t) => {
  const expected = ['arm64', 'x64'].flatMap((arch) => [115, 127, 137, 141].map((abi) => `uws_linux_${arch}_${abi}.node`));
  t.same(names, expected);
});

for (const name of names) {
  t.test(`${name} is patched to a stable checksum and keeps its length`, async (t) => {
    const original = publishedAddon(name);
    t.equal(sha256(original), checksums[name]?.original);
    const patched = patchAddon(name, original, checksums);
    t.equal(sha256(patched), checksums[name]?.patched);
    t.equal(patched.length, original.length);
  });
}

t.test('an older glibc gets every addon patched, and a second run touches nothing', async (t) => {
  const addons = names.slice(-2);
  const folder = folderWith(join(t.testdir(), 'addons'), addons);
  const place = { folder, platform: 'linux', glibcVersion: '2.36', checksums };
  t.same(patchUws(place), { patched: addons, alreadyPatched: [], skipped: null });
  const before = addons.map((name) => statSync(join(folder, name), { bigint: true }));
  t.same(patchUws(place), { patched: [], alreadyPatched: addons, skipped: null });
  const after = addons.map((name) => statSync(join(folder, name), { bigint: true }));
  t.same(
    after.map((stat) => [stat.ino, stat.mtimeNs]),
    before.map((stat) => [stat.ino, stat.mtimeNs]),
  );
  t.same(readdirSync(folder).sort(), addons, 'no temporary file is left');
});

t.test('a glibc that is new enough, and other systems, are not touched', async (t) => {
  const [name = ''] = names;
  const folder = folderWith(join(t.testdir(), 'addons'), [name]);
  for (const place of [
    { platform: 'linux', glibcVersion: '2.38' },
    { platform: 'linux', glibcVersion: '2.41' },
    { platform: 'linux', glibcVersion: '3.0' },
    { platform: 'darwin', glibcVersion: null },
    { platform: 'win32', glibcVersion: null },
  ]) {
    const result = patchUws({ folder, checksums, ...place });
    t.same([result.patched, result.alreadyPatched], [[], []]);
    t.match(result.skipped, /^not needed/);
    t.equal(sha256(readFileSync(join(folder, name))), checksums[name]?.original);
  }
});

t.test('another C library is refused with a word on what to use instead', async (t) => {
  t.throws(() => patchUws({ folder: t.testdirName, platform: 'linux', glibcVersion: null, checksums }), /needs glibc.*Debian/);
});

t.test('an unknown file is refused by name and checksum, and no file of the folder is changed', async (t) => {
  const [known = '', unknown = ''] = names;
  const folder = folderWith(join(t.testdir(), 'addons'), [known]);
  writeFileSync(join(folder, unknown), 'something else');
  const place = { folder, platform: 'linux', glibcVersion: '2.31', checksums };
  t.throws(() => patchUws(place), new RegExp(`${unknown} is not a known build.*${sha256(Buffer.from('something else'))}.*left as it is`));
  t.equal(sha256(readFileSync(join(folder, known))), checksums[known]?.original);
  t.equal(readFileSync(join(folder, unknown), 'utf8'), 'something else');
});

t.test('an addon of an unlisted Node version is refused too', async (t) => {
  const folder = t.testdir({ 'uws_linux_x64_999.node': 'new' });
  t.throws(() => patchUws({ folder, platform: 'linux', glibcVersion: '2.31', checksums }), /uws_linux_x64_999\.node is not a known build/);
});

t.test('a folder without addons is an error, not a success', async (t) => {
  t.throws(() => patchUws({ folder: t.testdir({}), platform: 'linux', glibcVersion: '2.31', checksums }), /no uWebSockets\.js addon/);
});

t.test('the ELF functions refuse what is not such a file', async (t) => {
  const change = { library: 'libc.so.6', newVersion: 'GLIBC_2.38', oldVersion: 'GLIBC_2.2.5', prefix: '__isoc23_', symbols: ['__isoc23_strtol'] };
  t.throws(() => retargetSymbols(Buffer.from('MZ'.repeat(80)), change), /not a 64-bit little-endian ELF file/);
  const addon = publishedAddon('uws_linux_x64_115.node');
  t.throws(() => retargetSymbols(addon, change), /found ".*sscanf.*", expected "__isoc23_strtol"/);
  t.throws(() => retargetSymbols(addon, { ...change, newVersion: 'GLIBC_9.99' }), /needs no GLIBC_9\.99/);
});

t.test('the script finds the addons by module resolution when the project is itself a dependency', async (t) => {
  const glibc = runningGlibcVersion();
  const here = fileURLToPath(new URL('.', import.meta.url));
  const script = resolve(here, '../../../src/install');
  const app = t.testdir({ node_modules: { 'vortex-config': {}, 'uWebSockets.js': {} } });
  const addon = `uws_linux_x64_${process.versions.modules}.node`;
  const installed = join(app, 'node_modules/uWebSockets.js');
  for (const file of ['package.json', 'uws.js', 'ESM_wrapper.mjs']) copyFileSync(join(installedAddonFolder(), file), join(installed, file));
  folderWith(installed, [addon]);
  const own = join(app, 'node_modules/vortex-config/install');
  mkdirSync(own);
  for (const file of ['patchUws.mjs', 'elf.mjs', 'uwsChecksums.json']) copyFileSync(join(script, file), join(own, file));
  symlinkSync(join(own, 'patchUws.mjs'), join(app, 'linked.mjs'));
  const run = spawnSync(process.execPath, [join(app, 'linked.mjs')], { cwd: app, encoding: 'utf8' });
  t.equal(run.status, 0, run.stderr);
  if (process.platform === 'linux' && glibc !== null && glibc < '2.38') {
    t.match(run.stdout, /patched 1, already patched 0/);
    t.equal(sha256(readFileSync(join(installed, addon))), checksums[addon]?.patched);
  } else {
    t.match(run.stdout, /not needed/);
  }
});

t.test('the installed addon loads here and answers a request', async (t) => {
  const program = `
    import uws from 'uWebSockets.js';
    const app = uws.App().get('/', (res) => { res.end('loaded'); });
    app.listen('127.0.0.1', 0, async (socket) => {
      const answer = await fetch('http://127.0.0.1:' + uws.us_socket_local_port(socket), { headers: { connection: 'close' } });
      console.log(await answer.text());
      app.close();
    });`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: installedAddonFolder(), encoding: 'utf8', timeout: 20_000 });
  t.equal(run.stdout, 'loaded\n', run.stderr);
});
