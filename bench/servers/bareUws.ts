// The floor: uWebSockets.js on one thread with one handler that ends with the same bytes and headers, nothing else.
//
//   node bareUws.js PORT BODY_FILE CONTENT_TYPE [thread]     `thread`: in one worker thread beside an idle main thread
import { readFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

interface Arguments {
  readonly port: number;
  readonly bodyFile: string;
  readonly contentType: string;
}

if (isMainThread) {
  const [port = '', bodyFile = '', contentType = '', mode = ''] = process.argv.slice(2);
  const given: Arguments = { port: Number(port), bodyFile, contentType };
  if (mode === 'thread') inThread(given);
  else await serve(given);
} else {
  await serve(workerData as Arguments);
}

function inThread(given: Arguments): Worker {
  return new Worker(fileURLToPath(import.meta.url), { workerData: given });
}

async function serve({ port, bodyFile, contentType }: Arguments): Promise<void> {
  const { App } = await import('uWebSockets.js');
  const body = new Uint8Array(readFileSync(bodyFile));
  App()
    .get('/*', (res) => {
      res.writeHeader('content-type', contentType).end(body);
    })
    .listen('127.0.0.1', port, (socket) => {
      if (socket === false) throw new Error(`cannot listen on ${port}`);
    });
}
