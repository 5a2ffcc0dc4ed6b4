// The bundle is complete: copied to a folder without node_modules it starts, computes answers in its pool and ends cleanly.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { startProgram } from './programs.ts';

// a build may be part of it
t.setTimeout(180_000);

const projectRoot = resolve(import.meta.dirname, '../../../..');

t.test('the bundle runs where nothing is installed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-bundle-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, 'bundle');
  const made = spawnSync(process.execPath, [join(projectRoot, 'src/build/bundle.mjs'), '--out', out], { encoding: 'utf8' });
  t.equal(made.status, 0, made.stdout + made.stderr);

  const cli = join(out, 'cli.js');
  const version = spawnSync(process.execPath, [cli, '--version'], { cwd: folder, encoding: 'utf8' });
  const expected = (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { readonly version: string }).version;
  t.match(version.stdout, expected, version.stderr);

  const program = await startProgram([process.execPath, cli], folder, {
    VORTEX_BACKENDS_NATIVE_SEARCH_LOCATIONS: `file:${projectRoot}/docker/example/config/`,
    VORTEX_STORAGE_DIRECTORY: join(folder, 'storage'),
  });
  t.match((await program.get('/inventory-prod.properties')).body.toString('utf8'), /^restock\.threshold: 250$/m);
  t.equal(await program.stop(), 0, program.output());

  const url = `sqlite:${join(folder, 'config.db')}`;
  const migrated = spawnSync(process.execPath, [cli, 'migrate', `--backends.sql.url=${url}`], { cwd: folder, encoding: 'utf8' });
  t.equal(migrated.status, 0, migrated.stderr);
  const onDatabase = await startProgram([process.execPath, cli], folder, { VORTEX_BACKENDS_SQL_URL: url, VORTEX_STORAGE_DIRECTORY: join(folder, 'storage') });
  t.match(JSON.parse((await onDatabase.get('/inventory/prod')).body.toString('utf8')), { propertySources: [] });
  t.equal(await onDatabase.stop(), 0, onDatabase.output());
});
