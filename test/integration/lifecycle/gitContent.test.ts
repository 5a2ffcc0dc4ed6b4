// What commits, branches and tags do to the answers of a running server.
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { testGitLife } from './gitLife.ts';

testGitLife(
  'a commit with a broken file: what was asked for keeps its last good answer, also over a restart, until the next commit repairs it',
  async (test, life) => {
    const { fixture, start } = life;
    const good = fixture.push({ 'application.yml': 'v: 1\n', 'other.yml': 'o: 1\n' });
    let server = await start();
    test.match(await configuration(server, '/app/default'), { value: 1, revision: good });
    test.match(await configuration(server, '/other/default', 'o'), { value: 1 });
    const broken = fixture.push({ 'other.yml': 'o: [2\n' });
    const held = await eventually(
      'the report',
      () => health(server),
      (body) => failing(body).some(({ kind }) => kind === 'content'),
    );
    test.match(held, { httpStatus: 503, status: 'degraded' });
    test.match(JSON.stringify(failing(held)), /\/other\/default.*CONTENT_INVALID/);
    test.equal((await health(server, '/health/ready')).httpStatus, 200);
    test.match(await configuration(server, '/other/default', 'o'), { status: 200, value: 1, revision: good }, 'held back');
    test.match(await configuration(server, '/app/default'), { status: 200, value: 1, revision: broken }, 'what does not read the broken file moves on');
    // As upstream: a failure on main is followed by master, and there is none. (compatibility document 3.7)
    test.equal((await configuration(server, '/other/new')).status, 404, 'what was never good can only fail');
    test.equal(await metric(server, 'vortex_held_back_entries'), 1);
    test.match(logged(server, /the last good answer is kept/), [{ level: 'warn', code: 'CONTENT_INVALID', key: '/other/default', reason: /other\.yml/ }]);

    test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
    server = await start();
    test.match(await configuration(server, '/other/default', 'o'), { status: 200, value: 1, revision: good });
    await eventually(
      'the report after the restart',
      () => health(server),
      (body) => failing(body).some(({ kind }) => kind === 'content'),
    );

    fixture.push({ 'other.yml': 'o: 3\n' });
    await eventually(
      'the repair',
      () => configuration(server, '/other/default', 'o'),
      ({ value }) => value === 3,
    );
    await eventually(
      'health',
      () => health(server),
      ({ httpStatus }) => httpStatus === 200,
    );
    test.match(await configuration(server, '/other/new', 'o'), { status: 200, value: 3 }, 'the error is not kept either');
    test.equal(await metric(server, 'vortex_held_back_entries'), 0);
  },
);

testGitLife('branches and tags that come, move, are forced and go show in the answers', async (test, { fixture, start }) => {
  const { work } = fixture;
  fixture.push({ 'application.yml': 'v: main\n' });
  const server = await start();
  const see = (label: string, status: number, value: unknown): Promise<unknown> =>
    eventually(
      `${label} is ${status} ${String(value)}`,
      () => configuration(server, `/app/default/${label}`),
      (seen) => seen.status === status && seen.value === value,
    );
  await see('feature', 404, null);
  await see('v1', 404, null);
  work.git('checkout', '--quiet', '-b', 'feature');
  fixture.push({ 'application.yml': 'v: feature\n' });
  work.git('tag', 'v1');
  fixture.pushAll();
  await see('feature', 200, 'feature');
  await see('v1', 200, 'feature');
  fixture.push({ 'application.yml': 'v: moved\n' });
  await see('feature', 200, 'moved');
  await see('v1', 200, 'feature');
  work.git('reset', '--quiet', '--hard', 'main');
  fixture.push({ 'application.yml': 'v: forced\n' });
  await see('feature', 200, 'forced');
  work.git('tag', '--force', 'v1');
  fixture.pushAll();
  await see('v1', 200, 'forced');
  work.git('checkout', '--quiet', 'main');
  work.git('branch', '-D', 'feature');
  work.git('tag', '--delete', 'v1');
  fixture.pushAll();
  await see('feature', 404, null);
  await see('v1', 404, null);
  test.match(await configuration(server, '/app/default'), { status: 200, value: 'main' });
});
