// A page in a real Chromium: EventSource and WebSocket as a page uses them by hand, and the client over each of its carriers.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { startServer, type Server } from '../../fixtures/server.ts';
import { startIngress } from './ingress.ts';

t.setTimeout(120_000);

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const isForced = process.env['CI'] !== undefined;
const skip = executablePath === undefined && !isForced ? 'Chromium is missing' : false;

const html = `<!doctype html><meta charset="utf-8"><title>orders</title><ul id="seen"></ul><script>
  function show(text) { const item = document.createElement('li'); item.textContent = text; document.getElementById('seen').append(item); }
</script>`;

async function openPage(t: Test, browser: Browser, server: Server): Promise<Page> {
  const page = await browser.newPage();
  t.teardown(() => page.close());
  page.on('pageerror', (error) => t.fail(error.message));
  await page.goto(`${await startIngress(t, server.port, html)}/page.html`);
  return page;
}

async function shows(page: Page, text: string): Promise<void> {
  await page.locator('#seen li', { hasText: text }).first().waitFor();
}

t.test('Chromium', { skip }, async (t) => {
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  t.teardown(() => browser.close());
  const files = { 'orders.yml': 'a: 1\nname: Grüße\n' };

  await t.test('a page subscribes by WebSocket and shows a change', async (t) => {
    const server = await startServer(t, { files });
    const page = await openPage(t, browser, server);
    await page.evaluate(`
      const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws/orders/prod', 'vortex.v1.json');
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === 'snapshot') show('first ' + frame.properties.a + ' ' + frame.properties.name);
        if (frame.type === 'change') show('then ' + frame.changed.a.to);
      };`);
    await shows(page, 'first 1 Grüße');
    server.write('orders.yml', 'a: 2\nname: Grüße\n');
    await shows(page, 'then 2');
    t.same(await page.locator('#seen li').allTextContents(), ['first 1 Grüße', 'then 2']);
  });

  await t.test('a page subscribes by EventSource, shows a change, and resumes by itself', async (t) => {
    const server = await startServer(t, { files });
    const page = await openPage(t, browser, server);
    await page.evaluate(`
      const source = new EventSource('/vortex/v1/events/orders/prod');
      source.addEventListener('snapshot', ({ data }) => show('first ' + JSON.parse(data).properties.a));
      source.addEventListener('change', ({ data }) => show('then ' + JSON.parse(data).changed.a.to));
      source.addEventListener('current', () => show('nothing missed'));`);
    await shows(page, 'first 1');
    server.write('orders.yml', 'a: 2\nname: Grüße\n');
    await shows(page, 'then 2');
    // The worker is replaced: the stream ends, and the browser comes back with Last-Event-ID.
    const restarted = await fetch(`http://127.0.0.1:${server.managementPort}/vortex/v1/workers/restart`, { method: 'POST' });
    t.equal(restarted.status, 200);
    await shows(page, 'nothing missed');
  });

  for (const transport of ['websocket', 'events', 'poll']) {
    await t.test(`vortex-config/client in a page, over ${transport}`, async (t) => {
      const server = await startServer(t, { files });
      const page = await openPage(t, browser, server);
      await page.addScriptTag({
        type: 'module',
        content: `
          import { connect } from '/client/connect.js';
          const configuration = await connect({ url: location.origin, application: 'orders', profile: 'prod', transports: ['${transport}'] });
          show('first ' + configuration.number('a'));
          configuration.onChange('a', () => show('then ' + configuration.number('a')));`,
      });
      await shows(page, 'first 1');
      server.write('orders.yml', 'a: 2\nname: Grüße\n');
      await shows(page, 'then 2');
      t.same(await page.locator('#seen li').allTextContents(), ['first 1', 'then 2']);
    });
  }
});
