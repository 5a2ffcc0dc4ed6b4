// What the Git source needs to know.
import type { Secret } from '../../../base/secret.ts';
import type { RemoteGate } from '../remoteGates.ts';
import type { TreeLimits } from '../treeLimits.ts';

export interface GitSourceOptions {
  /** Key of ContentView.lookup (gitRepositoryKey). */
  readonly repository: string;
  /** Placeholders replaced. https, http, ssh, `user@host:path`, file, or a path. */
  readonly uri: string;
  /** Further ones that webhooks name it by. */
  readonly webhookUris: readonly string[];
  /** Absolute; relative paths start here. */
  readonly workingDirectory: string;
  /** Mirrors are kept below `<directory>/git`. null: in a temporary directory that goes with the process. */
  readonly storageDirectory: string | null;
  readonly username: string | null;
  readonly password: Secret | null;
  readonly token: Secret | null;
  /** basic: as password of `username` or `x-access-token`; bearer: in a header of its own. */
  readonly tokenKind: 'basic' | 'bearer';
  /** PEM text; null takes the keys of `sshDirectory`. */
  readonly privateKey: Secret | null;
  readonly passphrase: Secret | null;
  /** Lines of a known_hosts file; null takes that of `sshDirectory`. */
  readonly knownHosts: string | null;
  /** For the two above: usually `~/.ssh`; null looks nowhere. */
  readonly sshDirectory: string | null;
  readonly strictHostKeyChecking: boolean;
  readonly skipSslValidation: boolean;
  /** PEM text; null trusts the system's. */
  readonly caCertificates: string | null;
  /** One fetch; the first fetch of a mirror has ten times as long, with at most this between two signs of life. */
  readonly timeoutMs: number;
  readonly limits: TreeLimits;
  /** One pack that a remote sends, at most 2 GiB. */
  readonly packBytesMax: number;
  /** Above, the packs of the mirror are merged. */
  readonly packsMax: number;
  /** Of the remote's host; null for a local repository. */
  readonly gate: RemoteGate | null;
}

export const defaultPackBytesMax = 2_000_000_000;
export const defaultPacksMax = 40;
