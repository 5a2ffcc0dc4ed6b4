// What a source says of its remote as a whole: servers compare it to know whether they have seen the same.
import { testWithServer } from './withGitServer.ts';

testWithServer(
  'two mirrors that saw the same say the same, whatever labels are asked of them; any moved ref is another state',
  async (test, fixture, server) => {
    const uri = `${server.url}/origin.git`;
    fixture.push({ 'application.yml': 'v: 1\n' });
    const one = fixture.source(uri, { storageDirectory: null });
    const other = fixture.source(uri, { storageDirectory: null });
    test.equal(one.remoteState(), null, 'nothing was seen yet');
    await Promise.all([one.open(), other.open()]);
    await one.resolve('main');
    const first = one.remoteState();
    test.match(first, /^[0-9a-f]{64}$/);
    test.equal(other.remoteState(), first);

    await one.poll();
    test.equal(one.remoteState(), first, 'another look at the same');
    fixture.work.git('tag', 'v1');
    fixture.pushAll();
    await one.poll();
    const tagged = one.remoteState();
    test.not(tagged, first, 'a tag that nobody has asked for');
    test.equal(other.remoteState(), first);
    await other.poll();
    test.equal(other.remoteState(), tagged);
    fixture.work.git('tag', '--delete', 'v1');
    fixture.pushAll();
    await one.poll();
    test.equal(one.remoteState(), first, 'the same refs are the same state again');

    server.setFault('serverError');
    fixture.push({ 'application.yml': 'v: 2\n' });
    await one.poll();
    test.equal(one.remoteState(), first, 'a failed look has seen nothing');
  },
);

testWithServer('a repository that is read in place says nothing: each machine has its own', async (test, fixture) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  const source = fixture.source(`file://${fixture.served}/origin.git`);
  await source.open();
  await source.poll();
  test.equal(source.remoteState(), null);
});
