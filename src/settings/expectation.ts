// Says in words what a value of an option must look like: for problems, help and tables.
import { formatByteSize } from '../base/byteSize.ts';
import { formatDuration } from '../base/duration.ts';
import type { OptionType } from './option.ts';

/** Completes "expected …". */
export function expectation(type: OptionType): string {
  switch (type.kind) {
    case 'string':
      return type.rule?.says ?? 'a text';
    case 'secret':
      return 'a text';
    case 'integer':
      return `an integer from ${type.min} to ${type.max}`;
    case 'fraction':
      return `a number from ${type.min} to ${type.max}`;
    case 'boolean':
      return 'true or false';
    case 'duration':
      return `a duration from ${formatDuration(type.min)} to ${formatDuration(type.max)}, such as 500ms, 30s, 1m30s`;
    case 'bytes':
      return `a size from ${formatByteSize(type.min)} to ${formatByteSize(type.max)}, such as 16KiB, 1MiB`;
    case 'choice':
      return `one of ${type.choices.join(', ')}`;
    case 'list':
      return 'a list';
    case 'map':
      return 'a mapping of keys to texts';
    case 'named':
      return 'a mapping of names to their settings';
    case 'entries':
      return `a list of entries, each with its type (${Object.keys(type.variants).join(', ')})`;
  }
}
