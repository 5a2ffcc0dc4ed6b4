// Git over SSH: runs git-upload-pack on the remote in one channel. (gitprotocol-pack)
import type { Client, ClientChannel, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import { Failure } from '../../../model/failure.ts';
import type { GitUri } from './gitUri.ts';
import { KnownHosts, type HostKeyVerdict } from './knownHosts.ts';
import { PacketReader } from './pktLine.ts';
import type { GitAccess, UploadPackTransport } from './uploadPackTransport.ts';

type SshUri = GitUri & { readonly kind: 'ssh' };

/** A key type of known_hosts and the signature algorithms for it. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

const errorTextMax = 500;

export class SshTransport implements UploadPackTransport {
  private readonly uri: SshUri;
  private readonly access: GitAccess;
  private readonly idleMs: number;
  private readonly signal: AbortSignal;
  private client: Client | null = null;
  private channel: ClientChannel | null = null;
  private reader: PacketReader | null = null;
  private verdict: HostKeyVerdict = 'known';
  private failure: Failure | null = null;
  private errorText = '';

  constructor(uri: SshUri, access: GitAccess, idleMs: number, signal: AbortSignal) {
    this.uri = uri;
    this.access = access;
    this.idleMs = idleMs;
    this.signal = signal;
  }

  async discover(): Promise<PacketReader> {
    // loaded on first use: most servers never need it
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    this.client = client;
    this.signal.addEventListener('abort', () => this.close(), { once: true });
    await this.connect(client);
    this.channel = await this.start(client);
    this.reader = new PacketReader(this.chunks(this.channel));
    return this.reader;
  }

  /** The remote goes on in the same stream. */
  async request(body: Uint8Array): Promise<PacketReader> {
    if (this.channel === null || this.reader === null) throw new Error('assertion failed: discover comes first');
    this.channel.write(body);
    return this.reader;
  }

  close(): void {
    this.channel?.destroy();
    this.client?.destroy();
  }

  private connect(client: Client): Promise<void> {
    return new Promise((resolve, reject) => {
      client.on('ready', resolve);
      client.on('error', (error) => {
        this.failure = this.failureOf(error);
        reject(this.failure);
      });
      client.on('close', () => reject(this.failureOf(new Error('the connection was closed'))));
      client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => this.password() ?? '')));
      try {
        client.connect(this.config());
      } catch (error) {
        // a key that is no key, or a wrong passphrase
        reject(new Failure('SOURCE_UNAUTHORIZED', `the SSH key for ${this.uri.host} cannot be used: ${(error as Error).message}`));
      }
    });
  }

  private config(): ConnectConfig {
    const { uri, access } = this;
    const known = new KnownHosts(access.knownHosts ?? '');
    const types = known.types(uri.host, uri.port).map((type) => (type === 'ssh-rsa' ? 'rsa' : type));
    const isListed = (algorithm: string): boolean => types.some((type) => (type === 'rsa' ? algorithm.includes('rsa') : algorithm === type));
    const password = this.password();
    return {
      host: uri.host,
      port: uri.port,
      username: uri.username ?? access.username ?? 'git',
      readyTimeout: this.idleMs,
      algorithms: { serverHostKey: [...hostKeyAlgorithms.filter(isListed), ...hostKeyAlgorithms.filter((algorithm) => !isListed(algorithm))] },
      hostVerifier: (key: Buffer) => {
        this.verdict = known.check(uri.host, uri.port, key);
        return this.verdict === 'known' || (this.verdict === 'unknown' && !access.strictHostKeyChecking);
      },
      ...(access.privateKey === null ? {} : { privateKey: access.privateKey }),
      ...(access.passphrase === null ? {} : { passphrase: access.passphrase }),
      ...(password === null ? {} : { password, tryKeyboard: true }),
    };
  }

  private password(): string | null {
    return this.access.password ?? this.uri.password;
  }

  private start(client: Client): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const command = `git-upload-pack '${this.uri.path.replaceAll("'", String.raw`'\''`)}'`;
      client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, channel) => {
        if (error !== undefined) reject(this.failureOf(error));
        else resolve(channel);
      });
    });
  }

  private async *chunks(channel: ClientChannel): AsyncGenerator<Uint8Array> {
    channel.stderr.on('data', (text: Buffer) => {
      if (this.errorText.length < errorTextMax) this.errorText += text.toString('utf8').slice(0, errorTextMax);
    });
    let hasData = false;
    let timer = this.idleTimer();
    try {
      for await (const chunk of channel) {
        clearTimeout(timer);
        hasData = true;
        yield chunk as Buffer;
        timer = this.idleTimer();
      }
    } catch (error) {
      throw this.failureOf(error as Error);
    } finally {
      clearTimeout(timer);
    }
    if (this.failure !== null || this.signal.aborted) throw this.failureOf(new Error('the connection was closed'));
    if (!hasData) throw new Failure('SOURCE_UNREACHABLE', `${this.uri.host} cannot serve ${this.uri.path}: ${this.errorText.trim() || 'no answer'}`);
  }

  private idleTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      this.failure = new Failure('SOURCE_TIMEOUT', `${this.uri.host} was silent for ${this.idleMs} ms`);
      this.close();
    }, this.idleMs);
  }

  private failureOf(error: Error): Failure {
    const { host } = this.uri;
    if (this.failure !== null) return this.failure;
    if (this.signal.aborted) return this.signal.reason instanceof Failure ? this.signal.reason : new Failure('SOURCE_TIMEOUT', `${host} took too long`);
    if (this.verdict !== 'known' && (this.verdict !== 'unknown' || this.access.strictHostKeyChecking))
      return new Failure('SOURCE_HOST_UNTRUSTED', `the SSH host key of ${host} is ${this.verdict}`);
    const { level, code } = error as Error & { readonly level?: string; readonly code?: string };
    if (level === 'client-authentication') return new Failure('SOURCE_UNAUTHORIZED', `${host} refuses the SSH key or password`);
    if (level === 'client-timeout') return new Failure('SOURCE_TIMEOUT', `${host} did not finish the SSH handshake in ${this.idleMs} ms`);
    return new Failure('SOURCE_UNREACHABLE', `${host} cannot be reached: ${code ?? error.message}`);
  }
}
