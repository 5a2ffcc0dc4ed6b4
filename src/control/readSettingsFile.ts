// Reads a file that an option names: a key, a certificate.
import { readFileSync } from 'node:fs';
import { Failure } from '../model/failure.ts';

/** Throws SETTINGS_INVALID; `option` is its dotted path. */
export function readSettingsFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('SETTINGS_INVALID', `${option}: ${reason}`, { cause: error });
  }
}
