// The vortex command as a process against the real server, a Git repository behind it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startServer } from '../../fixtures/server.ts';
import { GitFixture } from '../git/gitFixture.ts';
import { gitVersion } from '../git/workRepository.ts';

t.setTimeout(60_000);

const program = fileURLToPath(new URL('../../../src/vortex.js', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function vortex(argv: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, ...text };
}

t.test('get, explain, diff and watch', { skip: gitVersion() === null ? 'the git program is missing' : false }, async (t) => {
  const fixture = new GitFixture();
  t.teardown(() => fixture.close());
  fixture.push({ 'orders.yml': 'a: 1\nb: {c: two}\n' });
  fixture.work.git('checkout', '--quiet', '-b', 'next');
  fixture.push({ 'orders.yml': 'a: 2\nb: {c: two}\nd: true\n' });
  fixture.work.git('checkout', '--quiet', 'main');
  const server = await startServer(t, { settings: { backends: { git: { uri: `${fixture.served}/origin.git`, pollInterval: '1s' } } } });
  const url = ['--url', `http://127.0.0.1:${server.port}`];
  t.same(await vortex(['get', 'orders', 'prod', ...url]), { code: 0, stdout: 'a: 1\nb.c: "two"\n', stderr: '' });
  t.same(await vortex(['get', 'orders', 'prod', 'next', '--key', 'a', ...url]), { code: 0, stdout: '2\n', stderr: '' });
  t.same(JSON.parse((await vortex(['get', 'orders', '--json', ...url])).stdout), { a: 1, 'b.c': 'two' });
  t.match(await vortex(['get', 'orders', '--key', 'z', ...url]), { code: 1, stderr: /z is not configured/ });
  t.same(await vortex(['diff', 'orders', 'prod', 'main', 'next', ...url]), { code: 1, stdout: '- a: 1\n+ a: 2\n+ d: true\n', stderr: '' });
  t.equal((await vortex(['diff', 'orders', 'prod', 'main', 'main', ...url])).code, 0);
  const management = ['--management', `http://127.0.0.1:${server.managementPort}`];
  t.match(await vortex(['explain', 'orders', 'prod', '--key', 'a', ...management]), { code: 0, stdout: /"path": "orders.yml"/ });

  const watching = spawn(process.execPath, [program, 'watch', 'orders', 'prod', '--color', ...url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let shown = '';
  watching.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const shows = async (part: string): Promise<void> => {
    while (!shown.includes(part)) await once(watching.stdout, 'data');
  };
  await shows('2 keys at ');
  const commit = fixture.push({ 'orders.yml': 'a: 3\nb: {c: two}\n' });
  await shows('+ a: 3');
  t.match(shown, commit);
  t.match(shown, '\u001b[31m- a: 1\u001b[0m\n\u001b[32m+ a: 3\u001b[0m');
  watching.kill('SIGTERM');
  await once(watching, 'exit');
  t.equal(watching.exitCode, 0);
});

t.test('what is wrong on the command line', async (t) => {
  t.match(await vortex([]), { code: 64, stdout: /vortex get/ });
  t.match(await vortex(['--help']), { code: 0, stdout: /vortex watch/ });
  t.match(await vortex(['get']), { code: 64, stderr: /which application/ });
  t.match(await vortex(['fly', 'orders']), { code: 64, stderr: /unknown command fly/ });
  t.match(await vortex(['get', 'orders', '--nope']), { code: 64, stderr: /nope/ });
  t.match(await vortex(['diff', 'orders', 'prod']), { code: 64, stderr: /two labels/ });
});
