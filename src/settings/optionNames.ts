// How the name of an option is spelled in the file, the environment and the Settings object.
import type { Option } from './option.ts';

export const environmentPrefix = 'VORTEX_';

/** `['server', 'limits', 'urlBytesMax']` is `VORTEX_SERVER_LIMITS_URL_BYTES_MAX`. */
export function environmentName(segments: readonly string[]): string {
  return `${environmentPrefix}${segments.map(upperSnake).join('_')}`;
}

/** `searchPaths` and `search-paths` are `SEARCH_PATHS`; what is no letter or digit becomes `_`. */
export function upperSnake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]/g, '_')
    .toUpperCase();
}

/** `search-paths` is `searchPaths`: both spellings are accepted wherever option names are written. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `searchPaths` is `search-paths`. */
export function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** The field of the Settings object: a duration says its unit. */
export function fieldName(name: string, option: Option): string {
  return option.type.kind === 'duration' ? `${name}Ms` : name;
}
