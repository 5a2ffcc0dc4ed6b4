// Each kind of backend with one value in it, and the ways in which it can fail.
import { chmodSync } from 'node:fs';
import { GitFixture } from '../../integration/git/gitFixture.ts';
import { startGitHttpServer } from '../../integration/git/gitHttpServer.ts';
import { SqlWorld } from '../../fixtures/sql/sqlWorld.ts';
import type { Server } from '../../fixtures/server.ts';
import { DatabaseServer, password, type ServerKind } from '../sql/databaseServer.ts';
import { startS3Server } from '../s3/s3Server.ts';
import { TcpFaults, type TcpFault } from '../../fixtures/tcpFaults.ts';

export interface Fault {
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

export interface Member {
  readonly name: string;
  /** What goes below `backends`; null: the directory that every test server has. */
  readonly backends: Readonly<Record<string, unknown>> | null;
  readonly write: (value: number, server: Server) => Promise<void> | void;
  readonly faults: (server: Server) => Readonly<Record<string, Fault>>;
  readonly close: () => Promise<void>;
}

const times = { pollInterval: '1s', timeout: '2s', maxStaleness: '5s' };

function overTcp(tcp: TcpFaults, names: readonly TcpFault[]): Record<string, Fault> {
  return Object.fromEntries(names.map((name): [string, Fault] => [name, { begin: () => tcp.set(name), end: () => tcp.set('none') }]));
}

export function nativeMember(): Member {
  const write = (value: number, server: Server): void => server.write('orders.yml', `v: ${value}\n`);
  return {
    name: 'native',
    backends: null,
    write,
    faults: (server) => {
      // A directory that is removed is empty content, as upstream: no fault.
      return {
        garbage: { begin: () => server.write('orders.yml', 'v: [1\n b: }'), end: () => undefined },
        partial: { begin: () => server.write('orders.yml', 'v: "unfinis'), end: () => undefined },
        forbidden: { begin: () => chmodSync(server.configDirectory, 0o000), end: () => chmodSync(server.configDirectory, 0o755) },
      };
    },
    close: () => Promise.resolve(),
  };
}

export async function gitMember(): Promise<Member> {
  const fixture = new GitFixture();
  fixture.push({ 'orders.yml': 'v: 0\n' });
  const remote = await startGitHttpServer({ root: fixture.served });
  const tcp = await TcpFaults.before(Number(new URL(remote.url).port));
  return {
    name: 'git',
    backends: { git: { uri: `http://127.0.0.1:${tcp.port}/origin.git`, ...times } },
    write: (value) => void fixture.push({ 'orders.yml': `v: ${value}\n` }),
    faults: () => overTcp(tcp, ['kill', 'hang', 'slow', 'garbage', 'partial', 'forbidden']),
    close: async () => {
      await tcp.close();
      await remote.close();
      await fixture.close();
    },
  };
}

export async function s3Member(): Promise<Member> {
  const store = await startS3Server();
  const bucket = await store.createBucket();
  await store.put(bucket, 'orders.yml', 'v: 0\n');
  const tcp = await TcpFaults.before(store.port);
  const access = { region: 'us-east-1', endpoint: `http://127.0.0.1:${tcp.port}`, pathStyle: true, accessKeyId: 'tester', secretAccessKey: 'secret' };
  return {
    name: 's3',
    backends: { s3: { bucket, ...access, ...times } },
    write: async (value) => void (await store.put(bucket, 'orders.yml', `v: ${value}\n`)),
    faults: () => overTcp(tcp, ['kill', 'hang', 'slow', 'garbage', 'partial', 'forbidden']),
    close: async () => {
      await tcp.close();
      await store.close();
    },
  };
}

export async function databaseMember(kind: ServerKind): Promise<Member> {
  const database = await DatabaseServer.start(kind);
  const world = await SqlWorld.open(database.access());
  const write = (value: number): Promise<void> => world.setRows([['orders', 'prod', 'master', 'v', String(value)]]);
  await write(0);
  const admin = kind === 'postgres' ? 'alter role reader password' : 'set password =';
  const changePassword = (text: string): Promise<void> => world.execute(`${admin} ${kind === 'postgres' ? `'${text}'` : `password('${text}')`}`);
  const tcp = await TcpFaults.before(database.port);
  return {
    name: kind,
    backends: {
      sql: {
        url: `${kind}://127.0.0.1:${tcp.port}/config`,
        username: 'reader',
        password,
        pollInterval: times.pollInterval,
        statementTimeout: times.timeout,
        maxStaleness: times.maxStaleness,
      },
    },
    write,
    faults: () => ({
      ...overTcp(tcp, ['kill', 'hang', 'slow', 'garbage', 'partial']),
      // Connections that are open stay: they are cut, so that the new ones need the password.
      forbidden: {
        begin: async () => {
          await changePassword('another-Password');
          await tcp.set('kill');
          await tcp.set('none');
        },
        end: () => changePassword(password),
      },
    }),
    close: async () => {
      await tcp.close();
      await world.close();
      await database.remove();
    },
  };
}
