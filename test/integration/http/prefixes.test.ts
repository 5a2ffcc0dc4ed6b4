// Where the API answers: the root, /config of an Ingress, server.prefix; and what is no route.
import t from 'tap';
import { startServer, type ConfigFiles } from '../../fixtures/server.ts';

const files: ConfigFiles = {
  'application.yml': 'shared: true',
  'shop.yml': 'who: shop',
  'config.yml': 'who: config',
  'config-dev.yml': 'who: config in dev',
  'health.yml': 'who: health',
  'notes.txt': 'a note\n',
};

interface Environment {
  readonly name: string;
  readonly profiles: readonly string[];
  readonly label: string | null;
}

function environmentOf(body: Buffer): Environment {
  return JSON.parse(body.toString()) as Environment;
}

await t.test('without a prefix', async (t) => {
  const server = await startServer(t, { files });

  await t.test('/config before a route gives the answer of the route', async (t) => {
    for (const target of [
      '/shop/dev',
      '/shop/dev/main',
      '/shop-dev.yml',
      '/main/shop-dev.json',
      '/shop/dev/main/notes.txt',
      '/shop/dev/notes.txt?useDefaultLabel',
    ]) {
      const plain = await server.get(target);
      const prefixed = await server.get(`/config${target}`);
      t.equal(plain.status, 200, target);
      t.equal(prefixed.status, 200, `/config${target}`);
      t.same(prefixed.body, plain.body);
      t.equal(prefixed.headers['etag'], plain.headers['etag']);
    }
  });

  await t.test('an application called config is not shadowed', async (t) => {
    const environment = environmentOf((await server.get('/config/dev')).body);
    t.match(environment, { name: 'config', profiles: ['dev'], label: null });
    t.match(environmentOf((await server.get('/config/config/dev')).body), { name: 'config', profiles: ['dev'], label: null });
    t.match(environmentOf((await server.get('/config/config/dev/main')).body), { name: 'config', profiles: ['dev'], label: 'main' });
    t.equal((await server.get('/config-dev.yml')).body.toString(), 'shared: true\nwho: config in dev\n');
    t.match(environmentOf((await server.get('/configuration/dev')).body), { name: 'configuration' });
    t.match(environmentOf((await server.get('/c/dev')).body), { name: 'c' });
  });

  await t.test('at the root only health, metrics, encrypt, decrypt and key are ours', async (t) => {
    t.match(environmentOf((await server.get('/health/dev')).body), { name: 'health', profiles: ['dev'] });
    t.match(environmentOf((await server.get('/metrics/dev')).body), { name: 'metrics', profiles: ['dev'] });
    t.match(environmentOf((await server.get('/explain/dev')).body), { name: 'explain', profiles: ['dev'] });
  });

  await t.test('what has the shape of no route is 404 with the error object', async (t) => {
    for (const target of [
      '/',
      '/shop',
      '/shop/',
      '/shop/dev/',
      '//',
      '//shop/dev',
      '/shop//dev',
      '/config',
      '/config/',
      '/shop/dev.yml',
      '/healthz',
      '/health/',
      '/metrics/',
      '/actuator',
      '/vortex/v1/unknown/x/y/z/',
    ]) {
      const answer = await server.get(target);
      t.equal(answer.status, 404, target);
      if (answer.body.length > 0) t.match(JSON.parse(answer.body.toString()), { status: 404, error: 'Not Found', path: target });
    }
  });

  await t.test('a method that the route has not is 405 and says what is allowed', async (t) => {
    for (const target of [
      '/shop/dev',
      '/shop/dev/main',
      '/shop-dev.yml',
      '/shop/dev/main/notes.txt',
      '/config/shop/dev',
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
    ]) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']) {
        const answer = await server.request(method, target);
        t.equal(answer.status, 405, `${method} ${target}`);
        t.match(answer.headers['allow'], /GET/);
      }
    }
    t.equal((await server.get('/encrypt')).status, 405);
    t.equal((await server.get('/encrypt')).headers['allow'], 'POST');
  });

  await t.test('OPTIONS works for probes as for every route', async (t) => {
    for (const target of ['/health', '/health/live', '/health/ready', '/metrics']) {
      const answer = await server.request('OPTIONS', target);
      t.equal(answer.status, 200, target);
      t.same(answer.headers['allow']?.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS']);
    }
  });

  await t.test('an error is HTML for a browser and has no body when nothing fits', async (t) => {
    const html = await server.get('/shop', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    t.equal(html.status, 404);
    t.match(html.headers['content-type'], /^text\/html/);
    const image = await server.get('/shop', { accept: 'image/png' });
    t.equal(image.status, 404);
    t.equal(image.body.length, 0);
  });
});

await t.test('with server.prefix everything but probes lies below it', async (t) => {
  const server = await startServer(t, { files, settings: { server: { prefix: '/platform/settings' } } });
  const answer = await server.get('/platform/settings/shop/dev');
  t.equal(answer.status, 200);
  t.match(environmentOf(answer.body), { name: 'shop', profiles: ['dev'] });
  t.equal((await server.get('/config/platform/settings/shop/dev')).status, 200);
  t.equal((await server.get('/shop/dev')).status, 404);
  t.equal((await server.get('/platform/settingsx/shop/dev')).status, 404);
  t.equal((await server.get('/platform/settings')).status, 404);
  t.equal((await server.get('/platform/settings/shop-dev.yml')).body.toString(), 'shared: true\nwho: shop\n');
  t.equal((await server.request('OPTIONS', '/platform/settings/shop/dev')).status, 200);
  t.equal((await server.get('/health/ready')).status, 200);
  t.equal((await server.get('/metrics')).status, 200);
});
