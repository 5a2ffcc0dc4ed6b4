// The locations of the native backend for one request, ascending precedence.
import type { NativeBackend } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';
import { commaList } from './commaList.ts';
import type { Location } from './location.ts';
import { expansions, hasPlaceholders } from './replacePlaceholders.ts';
import type { ResolveTarget } from './resolveContext.ts';
import { treePath } from './treePath.ts';

/** `label` is the requested or the default one. Fails with CONTENT_INVALID for a comma in a location. (compatibility document 3.6) */
export function nativeLocations(backend: NativeBackend, target: ResolveTarget, label: string): Location[] {
  const texts = new Set<string>();
  const directories = backend.searchLocations.filter((entry) => !/\.(?:properties|ya?ml)$/.test(entry));
  for (const entry of directories) {
    for (const text of expansions(entry, commaList(target.profiles), commaList(target.name), label)) texts.add(withSlash(text));
  }
  if (backend.addLabelLocations) {
    // Entry by entry, the labels of a list reversed: the first label wins inside each entry. (as recorded for lists)
    const labels = commaList(label)
      .filter((part) => part.trim() !== '')
      .reverse();
    for (const entry of directories.filter((candidate) => !hasPlaceholders(candidate))) {
      for (const part of labels) texts.add(withSlash(withSlash(entry) + part));
    }
  }
  return [...texts].flatMap(location);
}

function withSlash(text: string): string {
  return text.endsWith('/') ? text : `${text}/`;
}

function location(text: string): Location[] {
  if (text.includes(',')) throw new Failure('CONTENT_INVALID', `the location ${JSON.stringify(text)} holds a comma`);
  const hasScheme = text.startsWith('file:');
  if (!hasScheme && /^[a-zA-Z][a-zA-Z0-9*]+:/.test(text)) return [];
  const directory = treePath(hasScheme ? text.slice('file:'.length) : text);
  return directory === null ? [] : [{ text, directory, hasScheme }];
}
