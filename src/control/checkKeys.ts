// Loads the encryption keys of the settings once, for --check.
import { Failure } from '../model/failure.ts';
import type { Settings } from '../settings/options.ts';
import { loadKeys } from './encryption/loadKeys.ts';

/** Why they cannot be used; null when they can, or there are none. */
export async function checkKeys(settings: Settings): Promise<string | null> {
  try {
    await loadKeys(settings.encrypt);
    return null;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
