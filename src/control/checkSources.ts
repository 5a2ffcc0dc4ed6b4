// Opens each source of the settings once, for --check.
import { redactUrl } from '../base/redactUrl.ts';
import type { Settings } from '../settings/options.ts';
import { SourceFactory } from './sourceFactory.ts';

/** A line for each source that can't be used: which, and why. Sources made from placeholders are known by request only. */
export async function checkSources(settings: Settings): Promise<readonly string[]> {
  const factory = new SourceFactory(settings, () => undefined);
  const problems = await Promise.all(factory.static().map((repository) => problemOf(factory, repository)));
  await factory.close();
  return problems.filter((problem) => problem !== null);
}

async function problemOf(factory: SourceFactory, repository: string): Promise<string | null> {
  const name = redactUrl(repository);
  const source = factory.create(repository);
  if (source === null) return `${name}: no settings for it`;
  try {
    await source.open();
    const { health, lastError } = source.status();
    return health === 'failed' || lastError !== null ? `${name}: ${lastError?.message ?? 'cannot be read'}` : null;
  } finally {
    await source.close();
  }
}
