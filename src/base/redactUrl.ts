// Takes user names and passwords out of URLs before they are logged or shown.

// A scheme is looked for at the start of a word only, or a long word would be searched once per letter.
// The user info ends at the last @ before the path, so that an unescaped @ in a password does not leak its rest.
const userInfo = /(?<![A-Za-z0-9+.-])([A-Za-z0-9+.-]+:\/\/)[^\s/?#]*@/g;

// A password with an unescaped slash, question mark or number sign: cut at the last @ of the word if a colon comes first.
const brokenUserInfo = /(?<![A-Za-z0-9+.-])([A-Za-z0-9+.-]+:\/\/)[^\s/?#@]*:(?!\d*(?:[/?#]|$))[^\s@]*@/g;

/**
 * Replaces the user info of every URL in a text by `***`: `https://joe:pw@host/x` becomes `https://***@host/x`.
 * `git@host:path` has no password and stays.
 */
export function redactUrl(text: string): string {
  return text.replace(userInfo, '$1***@').replace(brokenUserInfo, '$1***@');
}
