// A Git server over SSH for tests: ssh2 in this process, git-upload-pack behind it.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';

export interface GitSshServer {
  /** Of a repository below the root. */
  url(path: string): string;
  readonly port: number;
  /** The line that a client must know. */
  readonly knownHosts: string;
  setHanging(isHanging: boolean): void;
  close(): Promise<void>;
}

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function makeKeyPair(passphrase?: string): KeyPair {
  const { generateKeyPairSync: generate } = ssh2.utils;
  for (;;) {
    const pair = passphrase === undefined ? generate('ed25519') : generate('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 });
    // this generator drops leading zero bytes (1 key in 170), which its own reader and OpenSSH rightly refuse
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return { privateKey: pair.private, publicKey: pair.public };
  }
}

/** A PEM key as OpenSSL writes it. */
export function makePemKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** `clientKey`: the private key whose public half is let in. */
export async function startGitSshServer(root: string, clientKey: string, passphrase?: string): Promise<GitSshServer> {
  const host = makeKeyPair();
  const allowed = ssh2.utils.parseKey(clientKey, passphrase);
  if (allowed instanceof Error) throw allowed;
  let isHanging = false;
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [host.privateKey] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => connections.delete(connection));
    connection.on('close', () => connections.delete(connection));
    connection.on('authentication', (context) => {
      const isKey = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH());
      if (isKey && (context.signature === undefined || allowed.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo))) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, info) => {
        const channel = acceptExec();
        if (!isHanging) runUploadPack(root, info.command, channel);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: (path) => `ssh://git@127.0.0.1:${port}/${path}`,
    knownHosts: `[127.0.0.1]:${port} ${host.publicKey}\n`,
    setHanging: (next) => {
      isHanging = next;
    },
    close: () => {
      for (const connection of connections) connection.end();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function runUploadPack(root: string, command: string, channel: ServerChannel): void {
  const path = /^git-upload-pack '(.*)'$/.exec(command)?.[1];
  if (path === undefined) {
    channel.stderr.write('only git-upload-pack\n');
    channel.exit(1);
    channel.end();
    return;
  }
  const child = spawn('git', ['upload-pack', `${root}${path}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => channel.end());
  channel.on('error', () => child.kill());
  channel.on('close', () => child.kill());
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
