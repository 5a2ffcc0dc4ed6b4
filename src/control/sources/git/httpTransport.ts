// Git over smart HTTP. (gitprotocol-http)
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Failure } from '../../../model/failure.ts';
import type { GitUri } from './gitUri.ts';
import { PacketReader } from './pktLine.ts';
import type { GitAccess, UploadPackTransport } from './uploadPackTransport.ts';

const redirectsMax = 5;
const discovery = '/info/refs?service=git-upload-pack';
const advertisementType = 'application/x-git-upload-pack-advertisement';
const resultType = 'application/x-git-upload-pack-result';

/** Some hosts answer only what looks like Git. */
const userAgent = 'git/2.40 (vortex-config)';

export class HttpTransport implements UploadPackTransport {
  private base: string;
  private readonly access: GitAccess;
  private authorization: string | null;
  private readonly signal: AbortSignal;
  private readonly idleMs: number;
  private readonly requests = new Set<ClientRequest>();

  /** `idleMs`: longest silence of the remote; `signal` ends everything. */
  constructor(uri: GitUri & { readonly kind: 'http' }, access: GitAccess, idleMs: number, signal: AbortSignal) {
    this.base = uri.url;
    this.access = access;
    this.authorization = authorizationOf(uri, access);
    this.signal = signal;
    this.idleMs = idleMs;
  }

  async discover(): Promise<PacketReader> {
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      const response = await this.send('GET', `${this.base}${discovery}`, null);
      const { statusCode = 0, headers } = response;
      if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
        this.checkAnswer(response, advertisementType);
        return new PacketReader(bodyOf(response, this.signal));
      }
      response.destroy();
      this.follow(headers.location);
    }
    throw new Failure('SOURCE_UNREACHABLE', `${this.base} redirects more than ${redirectsMax} times`);
  }

  async request(body: Uint8Array): Promise<PacketReader> {
    const response = await this.send('POST', `${this.base}/git-upload-pack`, body);
    this.checkAnswer(response, resultType);
    return new PacketReader(bodyOf(response, this.signal));
  }

  close(): void {
    for (const request of this.requests) request.destroy();
  }

  private send(method: 'GET' | 'POST', address: string, body: Uint8Array | null): Promise<IncomingMessage> {
    const url = new URL(address);
    const { caCertificates, skipSslValidation } = this.access;
    const options = {
      method,
      agent: false,
      signal: this.signal,
      timeout: this.idleMs,
      headers: {
        'user-agent': userAgent,
        'git-protocol': 'version=2',
        accept: body === null ? '*/*' : resultType,
        ...(body === null ? {} : { 'content-type': 'application/x-git-upload-pack-request', 'content-length': body.length }),
        ...(this.authorization === null ? {} : { authorization: this.authorization }),
      },
      ...(caCertificates === null ? {} : { ca: caCertificates }),
      ...(skipSslValidation ? { rejectUnauthorized: false } : {}),
    };
    return new Promise((resolve, reject) => {
      const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
      this.requests.add(request);
      request.on('close', () => this.requests.delete(request));
      request.on('timeout', () => request.destroy(silence(this.idleMs)));
      request.on('error', (error) => reject(networkFailure(error, url.host, this.signal)));
      request.on('response', resolve);
      request.end(body ?? undefined);
    });
  }

  /** Only to another place of the same kind; credentials stay with the host that they are for. */
  private follow(location: string): void {
    const from = new URL(this.base);
    const to = new URL(location, `${this.base}${discovery}`);
    if (!to.href.endsWith(discovery)) throw new Failure('SOURCE_UNREACHABLE', `${this.base} redirects to something that is no repository`);
    if (from.protocol === 'https:' && to.protocol !== 'https:')
      throw new Failure('SOURCE_HOST_UNTRUSTED', `${this.base} redirects from https to ${to.protocol}`);
    if (to.origin !== from.origin && to.hostname !== from.hostname) this.authorization = null;
    to.username = '';
    to.password = '';
    this.base = to.href.slice(0, -discovery.length);
  }

  private checkAnswer(response: IncomingMessage, type: string): void {
    const { statusCode = 0, headers } = response;
    const isGit = headers['content-type']?.split(';')[0]?.trim() === type;
    if (statusCode === 200 && isGit) return;
    response.destroy();
    if (statusCode === 401 || statusCode === 403)
      throw new Failure(
        'SOURCE_UNAUTHORIZED',
        `${this.base} answers ${statusCode}: ${this.authorization === null ? 'it wants credentials' : 'the credentials are refused'}`,
      );
    if (statusCode === 404) throw new Failure('SOURCE_UNAUTHORIZED', `${this.base} answers 404: no such repository, or not for these credentials`);
    if (statusCode !== 200) throw new Failure('SOURCE_UNREACHABLE', `${this.base} answers ${statusCode}`);
    throw new Failure('SOURCE_PROTOCOL', `${this.base} answers with ${headers['content-type'] ?? 'no type'}: that is no smart Git server`);
  }
}

function authorizationOf(uri: GitUri & { readonly kind: 'http' }, access: GitAccess): string | null {
  if (access.token !== null && access.tokenKind === 'bearer') return `Bearer ${access.token}`;
  const username = access.username ?? uri.username ?? (access.token === null ? null : 'x-access-token');
  const password = access.token ?? access.password ?? uri.password;
  if (username === null) return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw networkFailure(error, 'the remote', signal);
  } finally {
    response.destroy();
  }
}

function silence(idleMs: number): Failure {
  return new Failure('SOURCE_TIMEOUT', `the remote was silent for ${idleMs} ms`);
}

/** From an error of the network to a code; messages of node hold hosts and ports, no credentials. */
function networkFailure(error: unknown, host: string, signal: AbortSignal): Failure {
  if (error instanceof Failure) return error;
  if (signal.aborted) return signal.reason instanceof Failure ? signal.reason : new Failure('SOURCE_TIMEOUT', `${host} took too long`);
  const { code = '', message } = error as NodeJS.ErrnoException;
  const isCertificate = code.includes('CERT') || code.startsWith('UNABLE_TO_') || code.startsWith('ERR_TLS') || code === 'HOSTNAME_MISMATCH';
  if (isCertificate) return new Failure('SOURCE_HOST_UNTRUSTED', `the certificate of ${host} is not trusted: ${message}`);
  return new Failure('SOURCE_UNREACHABLE', `${host} cannot be reached: ${code === '' ? message : code}`);
}
