// One segment of a request target: matrix parameters cut off, percent-decoded once as strict UTF-8.

/** Without `;` and what follows it. (compatibility document 1.2.8) */
export function withoutMatrixParameters(rawSegment: string): string {
  const semicolon = rawSegment.indexOf(';');
  return semicolon === -1 ? rawSegment : rawSegment.slice(0, semicolon);
}

/** The decoded text, null when a `%` is no escape or the bytes are no UTF-8. (compatibility document 1.2.9) */
export function decodeSegment(rawSegment: string): string | null {
  if (!rawSegment.includes('%')) return rawSegment;
  try {
    return decodeURIComponent(rawSegment);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
