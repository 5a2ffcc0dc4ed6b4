// Hides escaped placeholders from the engines and shows them again.

/** One or two backslashes before `${` are removed, the rest of the placeholder waits as `$_{`. (compatibility document 4.8) */
export function maskEscapes(text: string): string {
  return text.includes('\\${') ? text.replaceAll(/\\{1,2}\$\{/g, () => '$_{') : text;
}

/** A `$_{` that was in the text from the start becomes `${` too, as it does in the original. */
export function unmaskEscapes(text: string): string {
  return text.includes('$_{') ? text.replaceAll('$_{', () => '${') : text;
}
