// The limit of a request's header block, which the uWebSockets.js addon takes from the environment when it is loaded.
import { assert } from '../base/assert.ts';

const variable = 'UWS_HTTP_MAX_HEADERS_SIZE';

/**
 * Sets the largest header block of a request in bytes; above, uWebSockets.js answers 431. Must run in the primary before any thread
 * loads the addon: it reads the variable once per process. Hence no module of the primary imports the addon statically.
 *
 * This is the one place outside the settings loader that touches the environment, and it only writes.
 */
export function configureHttpLimits(headerBytesMax: number): void {
  assert(Number.isInteger(headerBytesMax) && headerBytesMax > 0, 'header limit is a number of bytes');
  // oxlint-disable-next-line node/no-process-env -- the only way to give the addon its limit
  process.env[variable] = String(headerBytesMax);
}
