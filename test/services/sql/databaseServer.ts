// Real PostgreSQL and MariaDB servers for tests: in a directory of their own, on a free port of this machine, gone with the test.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlAccess, SqlServer } from '../../../src/control/sources/sql/sqlAccess.ts';
import { openSql } from '../../../src/control/sources/sql/openSql.ts';
import { sql } from 'kysely';

export type ServerKind = 'postgres' | 'mariadb';

export const password = 'first-Password';

/** Neither server runs as root. */
const nobody = 65_534;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** Why its tests cannot run here; false when they can. In CI they have to. */
export function missingServer(kind: ServerKind): string | false {
  const missing = missingPrograms(kind);
  if (missing.length === 0) return false;
  const reason = `needs ${missing.join(', ')} (Debian packages postgresql, mariadb-server, openssl)`;
  if (process.env['CI'] === 'true') throw new Error(`in CI the test ${reason}`);
  return reason;
}

export function isInstalled(kind: ServerKind): boolean {
  return missingPrograms(kind).length === 0;
}

function missingPrograms(kind: ServerKind): readonly string[] {
  const programs = kind === 'postgres' ? [join(postgresFolder(), 'initdb'), 'openssl'] : ['mariadb-install-db', 'mariadbd', 'openssl'];
  return programs.filter((program) => spawnSync(program, ['--version'], { env: environment() }).error !== undefined);
}

export class DatabaseServer {
  readonly kind: ServerKind;
  readonly folder = mkdtempSync(join(tmpdir(), 'vortex-db-'));
  readonly port: number;
  readonly caFile = join(this.folder, 'ca.pem');
  private child: ChildProcess | null = null;
  private output = '';

  private constructor(kind: ServerKind, port: number) {
    this.kind = kind;
    this.port = port;
  }

  /** With an empty database `config` for the user `reader`, who may do everything in it. */
  static async start(kind: ServerKind): Promise<DatabaseServer> {
    const server = new DatabaseServer(kind, await freePort());
    server.makeCertificates();
    if (kind === 'postgres') server.initPostgres();
    else server.initMariadb();
    await server.run();
    const admin = await openSql(
      { ...server.access(), username: kind === 'postgres' ? 'postgres' : 'root', database: kind === 'postgres' ? 'postgres' : 'mysql' },
      'read',
    );
    for (const statement of setupStatements(kind)) await sql.raw(statement).execute(admin.database);
    await admin.close();
    return server;
  }

  access(changes: Partial<SqlServer> = {}): SqlServer {
    const engine: SqlAccess['engine'] = this.kind === 'postgres' ? 'postgres' : 'mysql';
    return {
      engine,
      host: '127.0.0.1',
      port: this.port,
      database: 'config',
      username: 'reader',
      password,
      tls: null,
      poolSize: 2,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
      ...changes,
    };
  }

  get url(): string {
    return `${this.kind}://127.0.0.1:${this.port}/config`;
  }

  /** What it has written so far; PostgreSQL: every statement. */
  log(): string {
    return this.output;
  }

  async run(): Promise<void> {
    const [command, ...argv] = this.kind === 'postgres' ? this.postgresCommand() : this.mariadbCommand();
    this.child = spawn(command!, argv, { ...this.identity(), stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    const deadlineMs = Date.now() + startTimeoutMs;
    while (!(await this.answers())) {
      if (this.child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`${this.kind} did not start:\n${this.output}`);
      await sleep(50);
    }
  }

  /** The certificate of this host from the next connection on, once the server was told. */
  useCertificate(host: 'localhost' | 'elsewhere.example'): void {
    copyFileSync(join(this.folder, `${host}.pem`), join(this.folder, 'server.pem'));
  }

  /** `SIGKILL` is a crash. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill(this.kind === 'postgres' ? 'SIGINT' : 'SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    const probe = await openSql(
      { ...this.access(), username: this.kind === 'postgres' ? 'postgres' : 'root', database: this.kind === 'postgres' ? 'postgres' : 'mysql' },
      'read',
    );
    try {
      await sql`select 1`.execute(probe.database);
      return true;
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    } finally {
      await probe.close();
    }
  }

  private initPostgres(): void {
    const passwordFile = join(this.folder, 'password');
    writeFileSync(passwordFile, password);
    this.own(passwordFile);
    this.runOnce(join(postgresFolder(), 'initdb'), [
      '-D',
      this.data(),
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--no-sync',
    ]);
  }

  private postgresCommand(): readonly string[] {
    const settings = [
      ['listen_addresses', '127.0.0.1'],
      ['port', String(this.port)],
      ['unix_socket_directories', this.folder],
      ['fsync', 'off'],
      ['log_statement', 'all'],
      ['ssl', 'on'],
      ['ssl_cert_file', join(this.folder, 'server.pem')],
      ['ssl_key_file', join(this.folder, 'server.key')],
    ];
    return [join(postgresFolder(), 'postgres'), '-D', this.data(), ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  }

  private initMariadb(): void {
    this.runOnce('mariadb-install-db', ['--no-defaults', `--datadir=${this.data()}`, '--auth-root-authentication-method=normal', '--skip-test-db']);
    const first = join(this.folder, 'first.sql');
    writeFileSync(first, `alter user 'root'@'localhost' identified by '${password}';\n`);
    this.own(first);
  }

  private mariadbCommand(): readonly string[] {
    return [
      'mariadbd',
      '--no-defaults',
      `--datadir=${this.data()}`,
      `--socket=${join(this.folder, 'mysql.sock')}`,
      `--pid-file=${join(this.folder, 'mysql.pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${this.port}`,
      `--init-file=${join(this.folder, 'first.sql')}`,
      '--innodb-flush-log-at-trx-commit=0',
      `--ssl-ca=${this.caFile}`,
      `--ssl-cert=${join(this.folder, 'server.pem')}`,
      `--ssl-key=${join(this.folder, 'server.key')}`,
    ];
  }

  /** Of an authority that nobody else knows: one for localhost, which is used, and one for another host. */
  private makeCertificates(): void {
    const at = (name: string): string => join(this.folder, name);
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', this.caFile);
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=database', '-keyout', at('server.key'), '-out', at('server.csr'));
    for (const host of ['localhost', 'elsewhere.example']) {
      writeFileSync(at('names'), `subjectAltName=DNS:${host}\n`);
      const signing = ['-CA', this.caFile, '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')];
      openssl('x509', '-req', '-days', '2', '-in', at('server.csr'), ...signing, '-out', at(`${host}.pem`));
    }
    copyFileSync(at('localhost.pem'), at('server.pem'));
    mkdirSync(this.data(), { mode: 0o700 });
    for (const path of [this.folder, this.data(), at('server.key'), at('server.pem'), this.caFile]) this.own(path);
  }

  private data(): string {
    return join(this.folder, 'data');
  }

  private runOnce(command: string, argv: readonly string[]): void {
    const { status, stdout, stderr } = spawnSync(command, argv, { ...this.identity(), encoding: 'utf8', env: environment(), cwd: this.folder });
    if (status !== 0) throw new Error(`${command} failed:\n${stdout}${stderr}`);
  }

  private own(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, nobody, nobody);
  }

  private identity(): { readonly uid?: number; readonly gid?: number } {
    return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  }
}

function setupStatements(kind: ServerKind): readonly string[] {
  if (kind === 'postgres') return [`create role reader login password '${password}'`, 'create database config owner reader'];
  return ['create database config', `create user 'reader'@'%' identified by '${password}'`, "grant all on config.* to 'reader'@'%'"];
}

/** Debian keeps the programs out of the path. */
function postgresFolder(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions[0] === undefined ? '' : join(root, versions[0], 'bin');
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin`, LC_ALL: 'C.UTF-8', HOME: tmpdir() };
}

function openssl(...argv: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${argv[0]} failed: ${stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
