// The last content on disk, so that a service starts while the server is away. Node only: nothing of it is loaded elsewhere.
import type { Value } from './configuration.ts';

export interface CachedConfiguration {
  /** Whose: the url and path that it was got from. */
  readonly source: string;
  readonly revision: string;
  readonly hash: string;
  readonly properties: Readonly<Record<string, Value>>;
  readonly secrets?: readonly string[];
}

/** Null when there is none, or it is of another source, or damaged. */
export async function readCache(file: string, source: string): Promise<CachedConfiguration | null> {
  const { readFile } = await import('node:fs/promises');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
  const cached = parse(text);
  return cached?.source === source ? cached : null;
}

/** Written beside and renamed: the old content or the new. */
export async function writeCache(file: string, cached: CachedConfiguration): Promise<void> {
  const { rename, writeFile } = await import('node:fs/promises');
  const temporary = `${file}.tmp`;
  await writeFile(temporary, `${JSON.stringify(cached)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

function parse(text: string): CachedConfiguration | null {
  try {
    const value = JSON.parse(text) as Partial<CachedConfiguration> | null;
    const isWhole = typeof value?.source === 'string' && typeof value.revision === 'string' && typeof value.hash === 'string';
    return isWhole && typeof value.properties === 'object' ? (value as CachedConfiguration) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
