// Which repository a delivery is about, and when an address of it is one of ours.
import t from 'tap';
import { isNamed, namedRepositories } from '../../../../src/core/webhook/namedRepositories.ts';
import { repositoryAddress } from '../../../../src/core/webhook/repositoryAddress.ts';
import { push, vendors } from '../../../fixtures/webhook/deliveries.ts';

t.test('the spellings of one repository are one address', async (t) => {
  for (const url of [
    'https://git.example.com/team/config.git',
    'https://git.example.com/Team/Config',
    'https://user:secret@GIT.example.com:8443/team/config.git/',
    'http://git.example.com//team/config.git?x=1#y',
    'ssh://git@git.example.com:2222/team/config.git',
    'git@git.example.com:team/config.git',
    'git.example.com:/team/config',
    'git://git.example.com/team/config',
  ]) {
    t.equal(repositoryAddress(url), 'git.example.com/team/config', url);
  }
  t.equal(repositoryAddress('https://[2001:db8::1]:3000/a/b'), '[2001:db8::1]/a/b');
  t.equal(repositoryAddress('file:///srv/config.git'), 'file:/srv/config');
  t.equal(repositoryAddress('/srv/config/'), 'file:/srv/config');
});

t.test('what is no address is none', async (t) => {
  for (const url of ['', 'x', 'https://', 'https://host', 'https://host/', 'https:///a/b', ':a', '../config', `https://host/${'a'.repeat(3_000)}`]) {
    t.equal(repositoryAddress(url), null, url.slice(0, 40));
  }
  const startedMs = performance.now();
  repositoryAddress(`https://host/${'/'.repeat(2_000)}a`);
  t.ok(performance.now() - startedMs < 1_000);
});

t.test('every real delivery names its repository by https, ssh and with other ports', async (t) => {
  for (const vendor of vendors) {
    const named = namedRepositories(JSON.parse(push(vendor, 'git.example.com', 'team/config').body) as Record<string, unknown>);
    for (const uri of ['https://git.example.com/team/config.git', 'ssh://git@git.example.com:7999/team/config.git', 'git@git.example.com:team/config']) {
      t.ok(isNamed(repositoryAddress(uri) ?? '', named), `${vendor}: ${uri}`);
    }
    for (const uri of ['https://git.example.com/team/config2.git', 'https://git.example.com/team/conf', 'https://git.example.com/other/config']) {
      t.notOk(isNamed(repositoryAddress(uri) ?? '', named), `${vendor}: ${uri}`);
    }
  }
});

t.test('a Bitbucket server that says no url names the end of one', async (t) => {
  const named = namedRepositories(JSON.parse(push('bitbucketServer', 'unused', 'team/config').body) as Record<string, unknown>);
  t.same([...named], ['/team/config']);
  t.ok(isNamed('bitbucket.example.com/scm/team/config', named));
  t.notOk(isNamed('bitbucket.example.com/myteam/config', named));
});

t.test('a merged pull request names its target', async (t) => {
  const server = { pullRequest: { toRef: { repository: { slug: 'config', project: { key: 'TEAM' } } } } };
  t.ok(isNamed('host/scm/team/config', namedRepositories(server)));
  const cloud = { pullrequest: { destination: { repository: { links: { html: { href: 'https://bitbucket.org/team/config' } } } } } };
  t.ok(isNamed('bitbucket.org/team/config', namedRepositories(cloud)));
});

t.test('hostile bodies name nothing, or few', async (t) => {
  for (const body of [
    {},
    { repository: null },
    { repository: 1 },
    { repository: { clone_url: {}, links: [], project: 1 } },
    { project: [] },
    { pullRequest: 'x' },
  ]) {
    t.equal(namedRepositories(body).size, 0, JSON.stringify(body));
  }
  const many = Array.from({ length: 10_000 }, (_, index) => `https://host/a/${index}`);
  t.equal(namedRepositories({ repository: many }).size, 64);
  t.equal(namedRepositories({ repository: { slug: '../..', project: { key: '.' } } }).size, 0);
  t.notOk(isNamed('host/a', namedRepositories({ repository: { slug: '', project: { key: '' } } })));
});
