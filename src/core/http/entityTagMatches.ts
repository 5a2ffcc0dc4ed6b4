// Weak comparison of an If-None-Match header with the entity tag of an answer.

/** `etag` is quoted, maybe `W/"…"`. Lists and `*` are understood; a malformed list matches nothing behind the fault. (RFC 9110, 13.1.2) */
export function entityTagMatches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag) return true;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.startsWith('W/') ? etag.slice(2) : etag;
  const tag = /[\s,]*(?:W\/)?("[\x21\x23-\x7e\x80-\uffff]*")\s*(?=,|$)/y;
  for (let match = tag.exec(ifNoneMatch); match !== null; match = tag.exec(ifNoneMatch)) {
    if (match[1] === opaque) return true;
  }
  return false;
}
