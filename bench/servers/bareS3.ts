// A bucket in memory that answers lists and conditional reads and counts them: what is measured is the client, not the server.
//
//   node bareS3.js PORT OBJECTS        GET /requests: counts since the last such request · PUT /bucket/KEY: changes an object
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

interface BareObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

const pageSize = 1_000;
const [port = '', count = ''] = process.argv.slice(2);
const objects = new Map<string, BareObject>();
let lists = 0;
let reads = 0;

for (let index = 0; index < Number(count); index += 1) {
  const lines = Array.from({ length: 18 }, (_, line) => `  flag-${line}: {enabled: true, rollout-percentage: ${line * 4}, owner: team-${index}}\n`);
  put(`service-${String(index).padStart(5, '0')}.yml`, Buffer.from(`feature:\n${lines.join('')}`));
}
let keys = [...objects.keys()].toSorted();

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://bucket');
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
  if (url.pathname === '/requests') {
    response.end(JSON.stringify({ lists, reads }));
    lists = 0;
    reads = 0;
  } else if (url.searchParams.has('list-type')) {
    lists += 1;
    list(url.searchParams, response);
  } else if (request.method === 'PUT') {
    change(key, request, response);
  } else {
    reads += 1;
    read(key, request, response);
  }
}).listen(Number(port), '127.0.0.1');

function put(key: string, body: Buffer): void {
  objects.set(key, { body, etag: `"${createHash('md5').update(body).digest('hex')}"`, modified: new Date() });
}

function change(key: string, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    put(key, Buffer.concat(chunks));
    keys = [...objects.keys()].toSorted();
    response.end();
  });
}

function list(query: URLSearchParams, response: ServerResponse): void {
  const start = Number(query.get('continuation-token') ?? 0);
  const page = keys.slice(start, start + pageSize);
  const next = start + pageSize < keys.length ? `<NextContinuationToken>${start + pageSize}</NextContinuationToken>` : '';
  const contents = page.map((key) => {
    const { etag, modified, body } = objects.get(key)!;
    const facts = `<LastModified>${modified.toISOString()}</LastModified><ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${body.length}</Size>`;
    return `<Contents><Key>${key}</Key>${facts}<StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const head = `<Name>bucket</Name><Prefix/><KeyCount>${page.length}</KeyCount><MaxKeys>${pageSize}</MaxKeys><IsTruncated>${next !== ''}</IsTruncated>`;
  response.setHeader('content-type', 'application/xml');
  response.end(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${head}${next}${contents.join('')}</ListBucketResult>`);
}

function read(key: string, request: IncomingMessage, response: ServerResponse): void {
  const object = objects.get(key);
  const wanted = request.headers['if-match'];
  if (object === undefined) response.writeHead(404).end();
  else if (wanted !== undefined && wanted !== object.etag) response.writeHead(412).end();
  else {
    response.writeHead(200, { etag: object.etag, 'last-modified': object.modified.toUTCString(), 'content-length': object.body.length });
    response.end(object.body);
  }
}
