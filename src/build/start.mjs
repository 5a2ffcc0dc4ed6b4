// npm start: builds when a source is newer than the build, then serves the bundled example, or what the user points it at.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isBuildStale, projectRoot } from './files.mjs';

const program = join(projectRoot, 'dist/src/cli.js');
const exampleFolder = join(projectRoot, 'docker/example');

await buildIfNeeded();
const given = process.argv.slice(2);
// a settings file or a backend of the user's own takes the place of the example's
const pointsElsewhere =
  given.some((argument) => /^--(config|backends)\b/.test(argument)) || Object.keys(process.env).some((name) => name.startsWith('VORTEX_BACKENDS_'));
if (pointsElsewhere) {
  // npm runs scripts in the project's folder; a relative path was meant from where the user is
  process.chdir(process.env['INIT_CWD'] ?? process.cwd());
} else {
  process.chdir(exampleFolder);
}
const configArguments = pointsElsewhere ? [] : ['--config', resolve('vortex.yaml')];
process.argv = [process.execPath, program, ...configArguments, ...given];
await import(pathToFileURL(program).href);

async function buildIfNeeded() {
  const isPackaged = !existsSync(join(projectRoot, 'tsconfig.json'));
  if (isPackaged || !isBuildStale(['src'])) return;
  console.error('building (sources are newer than dist) ...');
  const { build } = await import('./build.mjs');
  if (!build()) process.exit(1);
}
