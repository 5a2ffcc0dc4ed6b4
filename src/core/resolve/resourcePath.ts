// The paths a plain-text file may have inside a location, and those that are never served.
import { commaList } from './commaList.ts';

/**
 * In the order they are tried: for each profile in request order the variant `stem-<profile>.ext`, the bare path for `default`
 * and blank, the bare path last. (compatibility document 6.11)
 */
export function resourceCandidates(path: string, profiles: string): string[] {
  const variants = commaList(profiles).map((profile) => (profile.trim() === '' || profile === 'default' ? path : profileVariant(path, profile)));
  return [...new Set([...variants, path])].filter((candidate) => !isNeverServed(candidate));
}

function profileVariant(path: string, profile: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? `${path.slice(0, dot)}-${profile}${path.slice(dot)}` : `${path}-${profile}`;
}

/** (compatibility document 8.2, 8.4) */
function isNeverServed(path: string): boolean {
  return isSuspicious(path) || (path.includes('%') && isSuspicious(decodedOnce(path)));
}

function isSuspicious(path: string): boolean {
  if (path.includes('WEB-INF') || path.includes('META-INF')) return true;
  if (path.includes(':/') && /^\/?(?:url:|classpath:|[a-z][a-z0-9+.-]*:\/)/i.test(path)) return true;
  return path.split(/[/\\]/).some((segment) => segment === '..' || segment.toLowerCase() === '.git');
}

function decodedOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    // Not an encoding at all: the text is what it is.
    if (error instanceof URIError) return path;
    throw error;
  }
}
