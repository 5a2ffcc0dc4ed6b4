// Which texts are profile names: letters, digits and `- _ . + @`, with a letter or digit at both ends.

const PROFILE_NAME = /^[\p{L}\p{Nd}](?:[\p{L}\p{Nd}\-_.+@]*[\p{L}\p{Nd}])?$/u;

/** One element of a profile list. (compatibility document 8.2) */
export function isProfileName(text: string): boolean {
  return PROFILE_NAME.test(text);
}
