// Whether an SSH host key is one that a known_hosts text lists. (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)
import { createHmac } from 'node:crypto';

export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

interface KnownKey {
  readonly matches: (name: string) => boolean;
  readonly isRevoked: boolean;
  readonly type: string;
  readonly key: string;
}

export class KnownHosts {
  private readonly keys: readonly KnownKey[];

  /** Lines that are no keys are passed over, as ssh does. */
  constructor(text: string) {
    this.keys = text.split(/\r?\n/).flatMap(parseLine);
  }

  /** `key` is the public key as it is on the wire. */
  check(host: string, port: number, key: Buffer): HostKeyVerdict {
    const text = key.toString('base64').replace(/=+$/, '');
    const own = this.of(host, port);
    if (this.keys.some((entry) => entry.isRevoked && entry.key === text)) return 'revoked';
    if (own.some((entry) => entry.key === text)) return 'known';
    return own.length > 0 ? 'changed' : 'unknown';
  }

  /** Key types that are listed for a host: they are asked for first, or the remote may show another of its keys. */
  types(host: string, port: number): readonly string[] {
    return [...new Set(this.of(host, port).map((entry) => entry.type))];
  }

  private of(host: string, port: number): readonly KnownKey[] {
    const name = host.toLowerCase();
    const listedAs = port === 22 ? name : `[${name}]:${port}`;
    return this.keys.filter((entry) => !entry.isRevoked && entry.matches(listedAs));
  }
}

function parseLine(line: string): readonly KnownKey[] {
  const words = line.trim().split(/\s+/);
  if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return [];
  const marker = words[0].startsWith('@') ? words.shift() : undefined;
  const [hosts, type, key] = words;
  if (hosts === undefined || type === undefined || key === undefined || marker === '@cert-authority') return [];
  return [{ matches: matcher(hosts), isRevoked: marker === '@revoked', type, key: key.replace(/=+$/, '') }];
}

function matcher(hosts: string): (name: string) => boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|');
    return (name) => createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = hosts
    .toLowerCase()
    .split(',')
    .map((pattern) => ({
      isNegated: pattern.startsWith('!'),
      regex: new RegExp(
        `^${pattern
          .replace(/^!/, '')
          .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      ),
    }));
  return (name) => {
    const matching = patterns.filter(({ regex }) => regex.test(name));
    return matching.length > 0 && matching.every(({ isNegated }) => !isNegated);
  };
}
