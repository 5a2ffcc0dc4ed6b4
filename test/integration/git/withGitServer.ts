// A test with a fixture and a Git server of its own, both gone afterwards.
import t, { type Test } from 'tap';
import { GitFixture } from './gitFixture.ts';
import { startGitHttpServer, type GitHttpServer, type GitHttpServerOptions } from './gitHttpServer.ts';
import { gitVersion } from './workRepository.ts';

type Check = (test: Test, fixture: GitFixture, server: GitHttpServer) => Promise<void>;

/** Many small processes: a busy machine needs its time. */
const timeoutMs = 180_000;

/** Skipped where the git program is missing, except in CI. */
export function testWithServer(title: string, check: Check, options: Omit<GitHttpServerOptions, 'root'> = {}): void {
  testWithFixture(title, async (test, fixture) => {
    const server = await startGitHttpServer({ root: fixture.served, ...options });
    test.teardown(() => server.close());
    await check(test, fixture, server);
  });
}

export function testWithFixture(title: string, check: (test: Test, fixture: GitFixture) => Promise<void>): void {
  t.setTimeout(timeoutMs);
  const skip = gitVersion() === null ? 'the git program is missing' : false;
  void t.test(title, { skip, timeout: timeoutMs }, async (test) => {
    const fixture = new GitFixture();
    test.teardown(() => fixture.close());
    await check(test, fixture);
  });
}
