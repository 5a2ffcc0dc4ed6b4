// How the fetch protocol reaches a remote: one advertisement, then requests and answers.
import type { PacketReader } from './pktLine.ts';

/** What the remote is reached with, beside the uri: plain data, posted to the thread that fetches. */
export interface GitAccess {
  readonly username: string | null;
  readonly password: string | null;
  readonly token: string | null;
  readonly tokenKind: 'basic' | 'bearer';
  readonly privateKey: string | null;
  readonly passphrase: string | null;
  readonly knownHosts: string | null;
  readonly strictHostKeyChecking: boolean;
  readonly skipSslValidation: boolean;
  readonly caCertificates: string | null;
}

export interface UploadPackTransport {
  /** What the remote says first. Throws a Failure of the SOURCE_ codes, as do the others. */
  discover(): Promise<PacketReader>;
  /** Says something and reads what the remote says to it. */
  request(body: Uint8Array): Promise<PacketReader>;
  /** Ends the connection at once. */
  close(): void;
}
