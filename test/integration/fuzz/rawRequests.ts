// Random requests over the HTTP surface: most of them nearly right, some of them noise.
import type { Random } from './random.ts';

export interface RawRequest {
  readonly method: string;
  readonly bytes: Buffer;
  /** Bytes were changed after it was put together: no answer may be the right answer. */
  readonly isMutated: boolean;
}

const words = [
  'shop',
  'orders',
  'dev',
  'prod',
  'main',
  'config',
  'health',
  'metrics',
  'encrypt',
  'key',
  'explain',
  'notes.txt',
  'application',
  'a,b',
  'status',
  'vortex',
  'v1',
];
const odd = [
  '..',
  '.',
  '',
  '%2e%2e',
  '%2f',
  '%5c',
  '(_)',
  '%00',
  '%0d%0a',
  '#',
  '%23',
  ';x=1',
  '*',
  '?',
  '${a}',
  '{application}',
  '%c0%ae',
  '%ff',
  '%',
  '%%32%65',
  'ü',
  '\x7f',
  '"',
  '<',
  '\\',
  ' ',
  '+',
  '~',
  '@',
  ':',
  '%25252e',
  'file:',
  'WEB-INF',
  '.git',
];
const suffixes = ['', '.yml', '.yaml', '.properties', '.json', '.txt', '-dev.yml', '-dev.json', '-dev.properties', '/'];
const queries = [
  '',
  '',
  '',
  '?',
  '?resolvePlaceholders=false',
  '?resolvePlaceholders=maybe',
  '?useDefaultLabel',
  '?a=b&&=&%zz',
  '?resolvePlaceholders=true&resolvePlaceholders=false',
  '?x#y',
];
const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'get', 'X', 'TRACE'];
const accepts = [
  '*/*',
  'application/json',
  'application/vnd.spring-cloud.config-server.v2+json',
  'text/html',
  'text/plain, application/octet-stream',
  'application/*+json',
  ';;;',
  '*/*;q=2',
  'a',
  'text/*;q=0.5,*/*;q=0',
  'x/y;a="b\\"c";q=1',
];
const values = [
  'gzip',
  'br;q=0.5, gzip',
  '*',
  '""',
  '*,*',
  'W/"x", "y"',
  'utf-8',
  'utf-8, x;q=1',
  'Sat, 01 Jan 2000 00:00:00 GMT',
  'never',
  'bytes=0-1',
  'chunked, identity',
  '1'.repeat(300),
  '\xff\xfe',
  '\t x',
];
const names = [
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'accept-charset',
  'range',
  'expect',
  'upgrade',
  'connection',
  'content-type',
  'x-config-token',
  'x-request-id',
  'traceparent',
  'te',
  'cookie',
];

export function randomRequest(random: Random): RawRequest {
  const method = random.pick(methods);
  const head = [`${method} ${target(random)} HTTP/1.1`, 'host: fuzz', ...headers(random)];
  const body = method === 'POST' || method === 'PUT' || random.chance(0.05) ? 'x'.repeat(random.below(200)) : '';
  if (body !== '') head.push('content-type: text/plain', `content-length: ${body.length}`);
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, random.chance(0.5) ? 'latin1' : 'utf8');
  return random.chance(0.3) ? { method, bytes: mutated(bytes, random), isMutated: true } : { method, bytes, isMutated: false };
}

function target(random: Random): string {
  if (random.chance(0.02)) return `/${'a/'.repeat(random.below(3_000))}`;
  if (random.chance(0.02)) return `/${random.pick(odd).repeat(random.below(2_000))}`;
  const segments = random.some(5, () => segment(random));
  return `/${segments.join('/')}${random.pick(suffixes)}${random.pick(queries)}`;
}

function segment(random: Random): string {
  const parts = random.some(3, () => (random.chance(0.7) ? random.pick(words) : random.pick(odd)));
  return parts.join(random.pick(['', '-', ',', '.']));
}

function headers(random: Random): string[] {
  const lines = random.chance(0.7) ? [`accept: ${random.pick(accepts)}`] : [];
  return [...lines, ...random.some(3, () => `${random.pick(names)}: ${random.pick(values)}`)];
}

/** A few bytes changed, taken out, doubled, or put in. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let step = random.below(4); step >= 0; step -= 1) {
    const at = random.below(result.length + 1);
    const span = random.below(random.chance(0.9) ? 8 : 400);
    const before = result.subarray(0, at);
    const after = result.subarray(Math.min(result.length, at + span));
    const noise = Buffer.from(Array.from({ length: random.below(8) }, () => random.below(256)));
    switch (random.below(4)) {
      case 0:
        result = Buffer.concat([before, noise, after]);
        break;
      case 1:
        result = Buffer.concat([before, after]);
        break;
      case 2:
        result = Buffer.concat([before, result.subarray(at, at + span), result.subarray(at)]);
        break;
      default:
        result = Buffer.concat([before, noise, result.subarray(at)]);
    }
  }
  return result;
}
