// What no name, label, path or profile list may hold: `..`, `#`, a leading slash marker, control characters, also in double encoding.
import { SLASH_MARKER } from './slashMarker.ts';

/**
 * `text` is decoded once. If it still holds a `%` it is decoded once more and normalised, only to look at it.
 * (compatibility document 8.2, 8.4)
 */
export function isForbidden(text: string): boolean {
  if (isControl(text) || isTraversal(text)) return true;
  if (!text.includes('%')) return false;
  const decoded = decodeLeniently(text);
  return isControl(decoded) || isTraversal(decoded) || isTraversal(normalised(decoded));
}

function isTraversal(text: string): boolean {
  return text.includes('..') || text.includes('#') || text.startsWith(SLASH_MARKER);
}

function isControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function normalised(text: string): string {
  return text
    .replaceAll('\\', '/')
    .replace(/\/{2,}/g, '/')
    .replace(/^[/\s]+/, '');
}

/** Each escape on its own, so that one malformed escape does not hide the others. */
function decodeLeniently(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from(escapes.split('%').slice(1), (hex) => Number.parseInt(hex, 16));
    return new TextDecoder().decode(bytes);
  });
}
