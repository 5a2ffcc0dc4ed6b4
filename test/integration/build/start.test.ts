// npm start serves the bundled example from any working directory, and any Git repository when pointed at one.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { buildFixture } from '../../conformance/buildFixture.ts';
import { startProgram } from './programs.ts';

// a build may be part of it
t.setTimeout(180_000);

const projectRoot = resolve(import.meta.dirname, '../../../..');
const start = join(projectRoot, 'src/build/start.mjs');

t.test('the example answers for each of its applications, in every format', async (t) => {
  const program = await startProgram([process.execPath, start], t.testdir(), {});
  const text = async (target: string): Promise<string> => {
    const answer = await program.get(target);
    t.equal(answer.status, 200, `${target}: ${answer.body.toString('utf8')}`);
    return answer.body.toString('utf8');
  };
  t.match(await text('/inventory/dev'), /"restock\.threshold":1,.*"warehouses\[1\]\.city":"München"/);
  t.match(await text('/inventory-prod.properties'), /^database\.url: jdbc:postgresql:\/\/db\.internal\.example:5432\/inventory$/m);
  t.match(await text('/storefront-prod.json'), /"title":"Corner Shop online"/);
  t.match(await text('/orders-default.yml'), /^ {4}DE: 0\.19$/m);
  t.match(await text('/storefront/prod/main/nginx.conf'), /server https:\/\/inventory\.internal\.example;/);
  t.match(await text('/orders/default/main/invoice.txt'), /^Corner Shop\nInvoice in EUR\n/);
  t.equal(await program.stop(), 0, program.output());
});

t.test('environment variables point the same command at a Git repository', async (t) => {
  const folder = t.testdir();
  const root = join(folder, 'root');
  mkdirSync(root);
  buildFixture({ id: 'lamp-git', folder: join(projectRoot, 'test/conformance/corpus/fixtures/lamp-git'), settings: { repos: [] } }, root);
  const program = await startProgram([process.execPath, start], folder, {
    VORTEX_BACKENDS_GIT_URI: `${root}/lamps.git`,
    VORTEX_STORAGE_DIRECTORY: join(folder, 'storage'),
  });
  const answer = await program.get('/lamp/default/v1');
  t.match(answer.body.toString('utf8'), /"source":\{"watt":5\}/);
  t.equal(await program.stop(), 0, program.output());
});
