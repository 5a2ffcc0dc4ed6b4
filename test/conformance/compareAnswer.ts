// Decides whether an answer is the expected one, by the rules of the corpus. (corpus README 5, 6)
import { compareJson } from './compareJson.ts';
import type { ExpectedAnswer } from './corpus.ts';
import type { Answer } from './rawRequest.ts';

export interface Expectation extends ExpectedAnswer {
  readonly optionalHeaders: Readonly<Record<string, string>>;
  /** Accept header of the request, null when it has none. */
  readonly accept: string | null;
}

/** Every difference in words; none when the answer is compatible. Placeholders in `expectation` are filled already. */
export function compareAnswer(expectation: Expectation, answer: Answer): readonly string[] {
  if (expectation.altStatus?.includes(answer.status) === true) return [];
  if (answer.status !== expectation.status) return [`status: expected ${expectation.status}, got ${answer.status}`];
  const differences = [contentTypeDifference(expectation.contentType, answer), ...headerDifferences(expectation, answer), bodyDifference(expectation, answer)];
  return differences.filter((difference) => difference !== null);
}

function contentTypeDifference(expected: string | null, answer: Answer): string | null {
  const actual = answer.headers['content-type'] ?? null;
  if (expected === null || (actual !== null && canonicalType(actual) === canonicalType(expected))) return null;
  return `content type: expected ${expected}, got ${actual ?? 'none'}`;
}

/** Type, subtype, parameter names and the charset in any case; blanks do not count. */
function canonicalType(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  return [type.toLowerCase(), ...parameters.map((parameter) => (/^charset=/i.test(parameter) ? parameter.toLowerCase().replaceAll('"', '') : parameter))].join(
    ';',
  );
}

function headerDifferences(expectation: Expectation, answer: Answer): readonly string[] {
  const required = Object.entries(expectation.headers ?? {});
  const optional = Object.entries(expectation.optionalHeaders).filter(([name]) => answer.headers[name.toLowerCase()] !== undefined);
  return [...required, ...optional].flatMap(([name, expected]) => {
    const actual = answer.headers[name.toLowerCase()];
    if (actual !== undefined && isSameHeader(name.toLowerCase(), expected, actual)) return [];
    return [`header ${name}: expected ${expected === '*' ? 'any valid value' : expected}, got ${actual ?? 'none'}`];
  });
}

function isSameHeader(name: string, expected: string, actual: string): boolean {
  if (expected === '*') return name === 'last-modified' ? isHttpDate(actual) : actual !== '';
  if (name === 'allow' || name === 'accept') return asSet(expected) === asSet(actual);
  return expected === actual;
}

function isHttpDate(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toUTCString() === text;
}

function asSet(list: string): string {
  return [...new Set(list.split(',').map((part) => part.trim()))].toSorted().join(',');
}

function bodyDifference(expectation: Expectation, answer: Answer): string | null {
  const text = answer.body.toString('utf8');
  const expected = typeof expectation.body === 'string' ? expectation.body : '';
  switch (expectation.bodyKind) {
    case 'empty':
      return answer.body.length === 0 ? null : `body: expected none, got ${answer.body.length} bytes: ${JSON.stringify(text.slice(0, 200))}`;
    case 'bytes':
      return answer.body.equals(Buffer.from(expected, 'base64')) ? null : `body: expected the bytes ${expected}, got ${answer.body.toString('base64')}`;
    case 'text':
      return textDifference(expected, text, expectation.unordered === true);
    case 'json':
      return compareJson(expected, text, { unordered: expectation.unordered === true });
    case 'errorObject':
      return errorObjectDifference(expectation, text);
  }
}

function textDifference(expected: string, actual: string, unordered: boolean): string | null {
  const expectedLines = unordered ? expected.split('\n').toSorted() : expected.split('\n');
  const actualLines = unordered ? actual.split('\n').toSorted() : actual.split('\n');
  const length = Math.max(expectedLines.length, actualLines.length);
  const index = Array.from({ length }, (_, line) => line).find((line) => expectedLines[line] !== actualLines[line]);
  if (index === undefined) return null;
  const shown = (line: string | undefined): string => (line === undefined ? 'the end of the text' : JSON.stringify(line));
  return `body, line ${index + 1} of ${expectedLines.length}: expected ${shown(expectedLines[index])}, got ${shown(actualLines[index])}`;
}

/** The error page of the container: JSON where the request admits it, else only the status counts. */
function errorObjectDifference(expectation: Expectation, text: string): string | null {
  if (!admitsJson(expectation.accept) || typeof expectation.body !== 'object' || expectation.body === null) return null;
  let actual: unknown;
  try {
    actual = JSON.parse(text);
  } catch {
    return `body: expected an error object, got ${JSON.stringify(text.slice(0, 200))}`;
  }
  const members = typeof actual === 'object' && actual !== null ? (actual as Readonly<Record<string, unknown>>) : {};
  const { timestamp } = members;
  if (typeof timestamp !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(timestamp) || Number.isNaN(Date.parse(timestamp))) {
    return `body: expected an ISO-8601 timestamp, got ${JSON.stringify(timestamp) ?? 'none'}`;
  }
  const wrong = Object.entries(expectation.body).find(([name, value]) => members[name] !== value);
  if (wrong === undefined) return null;
  return `body: expected ${wrong[0]} ${JSON.stringify(wrong[1])}, got ${JSON.stringify(members[wrong[0]]) ?? 'none'}`;
}

/** Whether JSON is among the accepted types and HTML is not preferred to it. */
function admitsJson(accept: string | null): boolean {
  if (accept === null) return true;
  return qualityOf(accept, 'application', 'json') > 0 && qualityOf(accept, 'application', 'json') >= qualityOf(accept, 'text', 'html');
}

function qualityOf(accept: string, type: string, subtype: string): number {
  const qualities = accept.split(',').flatMap((entry) => {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    if (![`${type}/${subtype}`, `${type}/*`, '*/*'].includes(range)) return [];
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return [quality === undefined ? 1 : Number(quality.slice(2))];
  });
  return Math.max(0, ...qualities);
}
