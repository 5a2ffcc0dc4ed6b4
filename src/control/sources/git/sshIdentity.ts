// The SSH key and known hosts of the server's user, where the settings give none.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';

export interface SshIdentity {
  readonly privateKey: string | null;
  readonly knownHosts: string | null;
}

const keyNames = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Throws SOURCE_UNREADABLE when a file is there but cannot be read. */
export async function readSshIdentity(directory: string): Promise<SshIdentity> {
  let privateKey: string | null = null;
  for (const name of keyNames) privateKey ??= await readOrNull(join(directory, name));
  return { privateKey, knownHosts: await readOrNull(join(directory, 'known_hosts')) };
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('SOURCE_UNREADABLE', `${path} cannot be read: ${code ?? String(error)}`, { cause: error });
  }
}
