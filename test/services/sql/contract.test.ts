// The contract of sources, for tables of real PostgreSQL and MariaDB servers.
import t from 'tap';
import { testSourceContract } from '../../contract/sourceContract.ts';
import { SqlWorld } from '../../fixtures/sql/sqlWorld.ts';
import { DatabaseServer, missingServer, type ServerKind } from './databaseServer.ts';

for (const kind of ['postgres', 'mariadb'] as const satisfies readonly ServerKind[]) {
  const missing = missingServer(kind);
  if (missing !== false) {
    t.test(`${kind}: the contract of sources`, { skip: missing }, async () => undefined);
    continue;
  }
  const server = await DatabaseServer.start(kind);
  t.teardown(() => server.remove());
  testSourceContract(kind, () => SqlWorld.open(server.access()));
}
