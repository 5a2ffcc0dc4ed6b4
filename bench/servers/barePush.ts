// The floor of push: uWebSockets.js on one thread, every socket subscribed to one topic, GET /publish sends the bytes to all.
//
//   node barePush.js PORT MESSAGE_FILE
import { readFileSync } from 'node:fs';
import { App } from 'uWebSockets.js';

const [port = '', file = ''] = process.argv.slice(2);
const message = file === '' ? '' : readFileSync(file, 'utf8');
const app = App();
app
  .ws('/ws/*', { open: (socket) => void socket.subscribe('all') })
  .get('/publish', (res) => {
    app.publish('all', message);
    res.end('');
  })
  .get('/*', (res) => {
    res.end('');
  })
  .listen('127.0.0.1', Number(port), (socket) => {
    if (socket === false) throw new Error(`cannot listen on ${port}`);
  });
