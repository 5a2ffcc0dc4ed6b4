// Finds out in which styles YAML can hold a text without changing it.

export interface YamlTextFeatures {
  readonly isMultiLine: boolean;
  readonly allowsPlain: boolean;
  readonly allowsSingleQuoted: boolean;
  readonly allowsLiteral: boolean;
}

/** Letters, digits and the harmless signs between them: most texts are nothing else. */
const harmless = /^[A-Za-z0-9_/$(][A-Za-z0-9_./$()-]*$/;

const harmlessFeatures: YamlTextFeatures = { isMultiLine: false, allowsPlain: true, allowsSingleQuoted: true, allowsLiteral: true };

const emptyFeatures: YamlTextFeatures = { isMultiLine: false, allowsPlain: false, allowsSingleQuoted: true, allowsLiteral: false };

/** In block context, where flow indicators inside a text do no harm. (compatibility document 4.7) */
export function yamlTextFeatures(text: string): YamlTextFeatures {
  if (text === '') return emptyFeatures;
  if (harmless.test(text)) return harmlessFeatures;
  const isMultiLine = /[\n\u0085\u2028\u2029]/.test(text);
  // A blank before a line break would be lost in every style but the double-quoted one.
  const needsEscapes = / [\n\u0085\u2028\u2029]/.test(text) || hasSpecialCharacter(text);
  const hasBlankAfterBreak = /[\n\u0085\u2028\u2029] /.test(text);
  const hasOuterGap = /^[ \n\u0085\u2028\u2029]|[ \n\u0085\u2028\u2029]$/.test(text);
  return {
    isMultiLine,
    allowsPlain: !needsEscapes && !hasBlankAfterBreak && !hasOuterGap && !hasBlockIndicator(text),
    allowsSingleQuoted: !needsEscapes && !hasBlankAfterBreak,
    allowsLiteral: !needsEscapes && !text.endsWith(' '),
  };
}

/** What only an escape sequence shows for what it is: tabs, carriage returns, control characters. */
function hasSpecialCharacter(text: string): boolean {
  return /[^\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text);
}

function hasBlockIndicator(text: string): boolean {
  return /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[\0 \t\n\r\u0085\u2028\u2029]|$))|:(?:[\0 \t\n\r\u0085\u2028\u2029]|$)|[\0 \t\n\r\u0085\u2028\u2029]#/.test(
    text,
  );
}
