// What most servers are built on: node:http with one handler that ends with the same bytes.
//
//   node nodeHttp.js PORT BODY_FILE CONTENT_TYPE
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port = '', bodyFile = '', contentType = ''] = process.argv.slice(2);
const body = readFileSync(bodyFile);
createServer((_request, response) => {
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length });
  response.end(body);
}).listen(Number(port), '127.0.0.1');
