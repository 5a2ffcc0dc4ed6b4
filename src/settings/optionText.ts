// Values, types and defaults of options in words: for help, tables, the schema and `--check`.
import { formatByteSize } from '../base/byteSize.ts';
import { formatDuration } from '../base/duration.ts';
import { redactUrl } from '../base/redactUrl.ts';
import type { Option, OptionType } from './option.ts';

/** One line; secrets and masked values never appear, nor does the user info of URLs. */
export function displayValue(option: Option, value: unknown): string {
  if (value === null) return 'unset';
  if (option.type.kind === 'secret') return '***';
  if (option.type.kind === 'duration' && typeof value === 'number') return formatDuration(value);
  if (option.type.kind === 'bytes' && typeof value === 'number') return formatByteSize(value);
  if (value instanceof Map) return displayMap(option, value);
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : redactUrl(value.join(', '));
  return value === '' ? 'empty' : redactUrl(JSON.stringify(value).replace(/^"(.*)"$/s, '$1'));
}

function displayMap(option: Option, map: ReadonlyMap<unknown, unknown>): string {
  if (map.size === 0) return 'empty';
  return [...map].map(([key, entry]) => `${String(key)}=${option.masked === true ? '***' : String(entry)}`).join(', ');
}

/** The default as people write it in the file: `30s`, `16KiB`, `unset (main)`. */
export function defaultText(option: Option): string {
  if (option.required === true) return 'required';
  if (option.derived !== null) return option.derived.says;
  const text = displayValue(option, option.default);
  return option.unsetMeans === undefined ? text : `${text} (${option.unsetMeans})`;
}

/** What values are allowed, shortly: `0 to 65535`, `json, pretty`. */
export function valuesText(type: OptionType): string {
  switch (type.kind) {
    case 'string':
      return 'text';
    case 'secret':
      return 'secret text';
    case 'boolean':
      return 'true, false';
    case 'choice':
      return type.choices.join(', ');
    case 'integer':
    case 'fraction':
      return `${type.min} to ${type.max}`;
    case 'duration':
      return `${formatDuration(type.min)} to ${formatDuration(type.max)}`;
    case 'bytes':
      return `${formatByteSize(type.min)} to ${formatByteSize(type.max)}`;
    case 'list':
      return 'list of texts';
    case 'map':
      return 'keys and texts';
    case 'named':
      return 'names and their options';
    case 'entries':
      return 'list of entries';
  }
}

/** The help line, and what a reader must know besides. */
export function remarks(option: Option): string {
  const changes = option.changesAnswers === true ? ' Changes answers.' : '';
  const runTime = option.atRunTime === undefined ? '' : ` Can be changed ${option.atRunTime} while the server runs.`;
  const fields = fieldsText(option.type);
  return `${option.help}${fields}${changes}${runTime}`;
}

function fieldsText(type: OptionType): string {
  if (type.kind === 'named') return ` Each has: ${Object.keys(type.fields).join(', ')}.`;
  if (type.kind !== 'entries') return '';
  const variants = Object.entries(type.variants).map(([name, fields]) => `type ${name}: ${Object.keys(fields).join(', ')}`);
  return ` Each has a type and its options (${variants.join('; ')}).`;
}
