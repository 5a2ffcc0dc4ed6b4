// The slash marker `(_)`: how a client writes a slash inside a name, a label or a path.

export const SLASH_MARKER = '(_)';

/** Every marker becomes a slash; done after validation. (compatibility document 0.2) */
export function replaceSlashMarkers(text: string): string {
  return text.replaceAll(SLASH_MARKER, '/');
}
