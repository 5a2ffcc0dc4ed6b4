// One log record as a line for people: time, level, component, message, fields.
import type { LogLevel } from './logLevel.ts';

const colours: Readonly<Record<LogLevel, string>> = { trace: '90', debug: '36', info: '32', warn: '33', error: '31', fatal: '41;97' };
const levelWidth = 5;

/**
 * From the JSON line that the logger writes; a line that is none comes back as it is. Ends with a line feed.
 *
 *   12:00:00.123 INFO  publish: epoch 3 published entries=100 tookMs=12
 */
export function prettyLine(jsonLine: string, coloured: boolean): string {
  const record = parsed(jsonLine);
  if (record === null) return jsonLine;
  const { level, time, component, worker, msg, error, ...rest } = record;
  const who = worker === undefined ? text(component) : `${text(component)} ${text(worker)}`;
  const tag = text(level).toUpperCase().padEnd(levelWidth);
  const colour = coloured ? colours[text(level) as LogLevel] : undefined;
  const shownTag = colour === undefined ? tag : `\u{1b}[${colour}m${tag}\u{1b}[0m`;
  const fields = Object.entries(rest).map(([name, value]) => ` ${name}=${quoted(value)}`);
  return `${text(time).slice(11, 23)} ${shownTag} ${who}: ${text(msg)}${fields.join('')}${errorText(error)}\n`;
}

function parsed(jsonLine: string): Record<string, unknown> | null {
  try {
    const record: unknown = JSON.parse(jsonLine);
    return typeof record === 'object' && record !== null ? (record as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The stack and those of its causes, indented below the line. */
function errorText(error: unknown): string {
  if (error === undefined) return '';
  if (typeof error !== 'object' || error === null) return ` error=${quoted(error)}`;
  const { type, message, stack, cause } = error as Record<string, unknown>;
  const body = typeof stack === 'string' && stack !== '' ? stack : `${text(type)}: ${text(message)}`;
  return `\n    ${body.replaceAll('\n', '\n    ')}${cause === undefined ? '' : `\n  caused by${errorText(cause)}`}`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** Control characters could move the cursor or fake a line: they are shown escaped. */
function text(value: unknown): string {
  const plain = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  // oxlint-disable-next-line eslint/no-control-regex -- control characters are what is looked for
  return plain.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
