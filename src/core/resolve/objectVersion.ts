// The blob id of an object: a content hash, and the version that the bucket gave it, which answers report.

/** `version` null: the bucket keeps no versions. */
export function objectBlobId(contentHash: string, version: string | null): string {
  return version === null ? contentHash : `${contentHash} ${version}`;
}

export function objectVersion(blobId: string): string | null {
  const blank = blobId.indexOf(' ');
  return blank < 0 ? null : blobId.slice(blank + 1);
}
