// A test with a Git repository over HTTP behind a switch, and a folder that outlives the servers it starts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { RemoteSwitch } from '../../fixtures/lifecycle/remoteSwitch.ts';
import { startServer, type Server, type ServerOptions } from '../../fixtures/server.ts';
import type { GitFixture } from '../git/gitFixture.ts';
import type { GitHttpServer } from '../git/gitHttpServer.ts';
import { testWithServer } from '../git/withGitServer.ts';

export interface GitLife {
  readonly fixture: GitFixture;
  readonly remote: GitHttpServer;
  readonly network: RemoteSwitch;
  /** Storage of every server that `start` starts: a second one finds what the first has left. */
  readonly storage: string;
  readonly start: (git?: Readonly<Record<string, unknown>>, options?: Omit<ServerOptions, 'files'>) => Promise<Server>;
}

export function testGitLife(title: string, check: (test: Test, life: GitLife) => Promise<void>): void {
  testWithServer(title, async (test, fixture, remote) => {
    const network = await RemoteSwitch.open(Number(new URL(remote.url).port));
    test.teardown(() => network.off());
    const storage = mkdtempSync(join(tmpdir(), 'vortex-life-'));
    test.teardown(() => rmSync(storage, { recursive: true, force: true }));
    const uri = `http://127.0.0.1:${network.port}/origin.git`;
    const start: GitLife['start'] = (git = {}, options = {}) =>
      startServer(test, {
        ...options,
        settings: {
          ...options.settings,
          storage: { directory: storage },
          backends: { git: { uri, pollInterval: '1s', maxStaleness: '2s', timeout: '5s', ...git } },
        },
      });
    await check(test, { fixture, remote, network, storage, start });
  });
}
