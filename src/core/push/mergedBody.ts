// The two parts of a merged body: the flat object, and which of its keys are secret.

export interface MergedBody {
  /** A JSON object. */
  readonly properties: string;
  /** A JSON array of keys; '' when there are none. */
  readonly secrets: string;
}

/** Only for texts of renderMerged: JSON texts hold no raw line end. */
export function readMergedBody(body: string): MergedBody {
  const end = body.lastIndexOf('\n');
  return end < 0 ? { properties: body, secrets: '' } : { properties: body.slice(0, end), secrets: body.slice(end + 1) };
}

/** The keys as they stand in the object, quoted. */
export function secretKeys({ secrets }: MergedBody): ReadonlySet<string> {
  if (secrets === '') return new Set();
  return new Set((JSON.parse(secrets) as readonly string[]).map((key) => JSON.stringify(key)));
}
