// Runs a test against each kind of database server, with a world of its own on one server per file.
import t, { type Test } from 'tap';
import { SqlWorld } from '../../fixtures/sql/sqlWorld.ts';
import { DatabaseServer, missingServer, type ServerKind } from './databaseServer.ts';

type Check = (t: Test, world: SqlWorld, server: DatabaseServer) => Promise<void>;

/** Registers tests for servers that are there; the others are skipped with a reason. */
export async function onEachServer(kinds: readonly ServerKind[]): Promise<(title: string, check: Check) => void> {
  t.setTimeout(240_000);
  const servers = new Map<ServerKind, DatabaseServer | string>();
  for (const kind of kinds) {
    const missing = missingServer(kind);
    servers.set(kind, missing === false ? await DatabaseServer.start(kind) : missing);
  }
  t.teardown(() => Promise.all([...servers.values()].flatMap((server) => (typeof server === 'string' ? [] : [server.remove()]))));
  return (title, check) => {
    for (const [kind, server] of servers) {
      if (typeof server === 'string') {
        void t.test(`${kind}: ${title}`, { skip: server }, async () => undefined);
        continue;
      }
      void t.test(`${kind}: ${title}`, { timeout: 120_000 }, async (test) => {
        const world = await SqlWorld.open(server.access());
        test.teardown(() => world.close());
        await check(test, world, server);
      });
    }
  };
}
