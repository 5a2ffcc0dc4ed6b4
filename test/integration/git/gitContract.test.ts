// The source contract with Git: over http, over ssh, and read in place.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { Secret } from '../../../src/base/secret.ts';
import { testSourceContract, type SourceWorld } from '../../contract/sourceContract.ts';
import { GitFixture } from './gitFixture.ts';
import { startGitHttpServer } from './gitHttpServer.ts';
import { makeKeyPair, startGitSshServer } from './gitSshServer.ts';
import { gitVersion } from './workRepository.ts';

const world = { label: 'main', hasLabels: true, treePath: (path: string): string => path };

if (gitVersion() === null) t.pass('skipped: the git program is missing');
else {
  testSourceContract('git over http', async (): Promise<SourceWorld> => {
    const fixture = new GitFixture();
    const server = await startGitHttpServer({ root: fixture.served });
    return {
      ...world,
      put: async (files) => void fixture.put(files),
      breakRemote: async () => server.setFault('serverError'),
      repair: async () => server.setFault('none'),
      source: () => fixture.source(`${server.url}/origin.git`),
      close: async () => {
        await fixture.close();
        await server.close();
      },
    };
  });

  testSourceContract('git over ssh', async (): Promise<SourceWorld> => {
    const fixture = new GitFixture();
    const key = makeKeyPair();
    const server = await startGitSshServer(fixture.served, key.privateKey);
    const origin = join(fixture.served, 'origin.git');
    return {
      ...world,
      put: async (files) => void fixture.put(files),
      breakRemote: async () => renameSync(origin, `${origin}.away`),
      repair: async () => renameSync(`${origin}.away`, origin),
      source: () => fixture.source(server.url('origin.git'), { privateKey: new Secret(key.privateKey), knownHosts: server.knownHosts }),
      close: async () => {
        await fixture.close();
        await server.close();
      },
    };
  });

  for (const [name, uriOf] of [
    ['a bare repository by path', (fixture: GitFixture) => join(fixture.served, 'origin.git')],
    ['a working tree by file uri', (fixture: GitFixture) => pathToFileURL(fixture.work.directory).href],
  ] as const) {
    testSourceContract(`git in place, ${name}`, async (): Promise<SourceWorld> => {
      const fixture = new GitFixture();
      const directory = name.startsWith('a bare') ? join(fixture.served, 'origin.git') : fixture.work.directory;
      return {
        ...world,
        put: async (files) => void fixture.put(files),
        breakRemote: async () => renameSync(directory, `${directory}.away`),
        repair: async () => renameSync(`${directory}.away`, directory),
        source: () => fixture.source(uriOf(fixture)),
        close: () => fixture.close(),
      };
    });
  }
}
