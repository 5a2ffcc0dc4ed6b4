// Path traversal in every encoding (compatibility document 8.1, 8.2): nothing outside the location is ever in an answer.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';

const canary = 'CANARY-c7f1e0-outside';
const inside = 'INSIDE-c7f1e0-location';

const server = await startServer(t, {
  files: {
    'application.yml': `inside: ${inside}\n`,
    'shop/notes.txt': `${inside}\n`,
    'shop/deep/notes.txt': `${inside}\n`,
    '.git/config': `[core] ${canary}\n`,
    'WEB-INF/web.xml': `<x>${canary}</x>\n`,
    'META-INF/spring.factories': canary,
    'shop/%2e%2e/odd.txt': inside,
  },
});

// Everything that a traversal would reach: beside the location, above it, in a sibling whose name begins like the location's.
const secretFiles = [
  'secret.txt',
  'secret.yml',
  'secret-dev.yml',
  'secret.properties',
  'application-outside.yml',
  'config-secret/secret.txt',
  'config-secret/secret.yml',
  'etc/passwd',
];
for (const path of secretFiles) {
  mkdirSync(join(server.folder, path, '..'), { recursive: true });
  writeFileSync(join(server.folder, path), path.endsWith('.yml') ? `secret: ${canary}\n` : path.endsWith('.properties') ? `secret=${canary}\n` : `${canary}\n`);
}
symlinkSync(join(server.folder, 'secret.txt'), join(server.configDirectory, 'link.txt'));
symlinkSync(join(server.folder, 'secret.yml'), join(server.configDirectory, 'linked.yml'));
symlinkSync(server.folder, join(server.configDirectory, 'up'));

const dots = [
  '..',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '%25252e%25252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%u002e%u002e',
  '..;',
  '..;x=1',
  '.%00.',
  '..%00',
  '%2e%2e;',
  '...',
  '....',
  '..%20',
  '%ef%bc%8e%ef%bc%8e',
  '．．',
];
const slashes = [
  '/',
  '%2f',
  '%2F',
  '%252f',
  '%25252f',
  '\\',
  '%5c',
  '%255c',
  '(_)',
  '%28_%29',
  '%2528_%2529',
  '(%5f)',
  '%c0%af',
  '%e2%88%95',
  '//',
  '/./',
  '%ef%bc%8f',
  ';/',
];
const ends = ['secret.txt', 'config-secret/secret.txt', 'etc/passwd', 'secret%23.txt', 'secret.txt%00.yml', 'secret.txt%23', 'secret'];

/** Each place where request input could become a path. */
const shapes: readonly ((way: string) => string)[] = [
  (way) => `/shop/dev/main/${way}`,
  (way) => `/shop/dev/main/shop/${way}`,
  (way) => `/shop/dev/${way}/notes.txt`,
  (way) => `/${way}/dev`,
  (way) => `/${way}/dev/main/notes.txt`,
  (way) => `/shop/${way}`,
  (way) => `/shop/${way}/main`,
  (way) => `/shop/dev/${way}`,
  (way) => `/shop/dev/${way}?useDefaultLabel`,
  (way) => `/${way}-dev.yml`,
  (way) => `/main/${way}-dev.properties`,
  (way) => `/${way}/shop-dev.json`,
  (way) => `/config/shop/dev/main/${way}`,
];

function waysOut(): readonly string[] {
  const ways = new Set<string>();
  for (const dot of dots) {
    for (const slash of slashes) {
      for (const [index, end] of ends.entries()) {
        const reached = end.replaceAll('/', slash);
        ways.add(`${dot}${slash}${reached}`);
        if (index < 2) ways.add(`${dot}${slash}${dot}${slash}${reached}`);
        if (index === 0) ways.add(`${slash}${dot}${slash}${reached}`);
      }
    }
  }
  const absolute = join(server.folder, 'secret.txt');
  for (const encode of [
    (text: string) => text,
    encodeURIComponent,
    (text: string) => encodeURIComponent(encodeURIComponent(text)),
    (text: string) => text.replaceAll('/', '(_)'),
  ]) {
    for (const path of [absolute, `file:${absolute}`, `file://${absolute}`, `url:file:${absolute}`, `jar:file:${absolute}!/`, `${absolute}#`])
      ways.add(encode(path));
  }
  return [...ways];
}

await t.test('no way out of the location in any encoding, in any place of a request', async (t) => {
  const ways = waysOut();
  const statuses = new Map<number, number>();
  let answers = 0;
  const queue = shapes.flatMap((shape, index) => ways.filter((_way, position) => position % 5 === index % 5 || index < 2).map(shape));
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      let wire = await HttpWire.open(server.port);
      for (let target = queue.pop(); target !== undefined; target = queue.pop()) {
        wire.send(Buffer.from(`GET ${target} HTTP/1.1\r\nhost: a\r\naccept: ${answers % 3 === 0 ? 'application/octet-stream' : '*/*'}\r\n\r\n`, 'utf8'));
        const answer = await wire.answer();
        answers += 1;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.body.includes(canary)) t.fail(`the canary came out by ${target}`);
        if (answer.status >= 501) t.fail(`${answer.status} for ${target}`);
        if (answer.headers['connection'] === 'close') {
          wire.destroy();
          wire = await HttpWire.open(server.port);
        }
      }
      wire.destroy();
    }),
  );
  t.ok(answers > 4_000, `${answers} requests: ${[...statuses].map(([status, count]) => `${count} x ${status}`).join(', ')}`);
  t.ok((statuses.get(400) ?? 0) > answers / 2, 'most are refused by name');
});

/** The published attacks, as their advisories show them. */
const published: readonly (readonly [cve: string, target: string])[] = [
  ['CVE-2019-3799', '/shop/dev/main/..%252F..%252F..%252F..%252Fetc%252Fpasswd'],
  ['CVE-2019-3799', '/shop/dev/main/..%252Fsecret.txt'],
  ['CVE-2020-5405', '/shop/dev/(_)..(_)..(_)etc/hosts'],
  ['CVE-2020-5405', '/(_)..(_)/dev/main/secret.txt'],
  ['CVE-2020-5410', '/..%252F..%252F..%252Fetc%252Fpasswd%23x/dev'],
  ['CVE-2020-5410', '/..%252Fsecret.txt%23/dev'],
  ['CVE-2020-5410', '/..%252Fsecret/dev'],
  ['CVE-2026-22739', '/shop/..%252Fsecret'],
  ['CVE-2026-22739', '/shop/..(_)secret'],
  ['CVE-2026-22739', '/shop/dev%23,..%2fsecret'],
  ['CVE-2026-40982', '/..(_)config-secret/dev/main/secret.txt'],
  ['CVE-2026-40982', '/shop/dev/..(_)config-secret/secret.txt'],
];

await t.test('the published attacks are refused', async (t) => {
  for (const [cve, target] of published) {
    for (const accept of ['*/*', 'application/octet-stream', 'text/plain']) {
      const answer = await server.get(target, { accept });
      t.equal(answer.status, 400, `${cve} ${target}`);
      t.notOk(answer.body.includes(canary));
    }
  }
});

await t.test('a symbolic link that leaves the location, and what version control keeps, are not served', async (t) => {
  for (const target of [
    '/shop/dev/main/link.txt',
    '/shop/dev/main/linked.yml',
    '/shop/dev/main/up/secret.txt',
    '/linked/dev',
    '/linked-dev.yml',
    '/shop/dev/main/.git/config',
    '/shop/dev/.git/config',
    '/shop/dev/main/WEB-INF/web.xml',
    '/shop/dev/main/META-INF/spring.factories',
    '/secret/dev/up',
    '/shop/dev/up/secret.txt',
  ]) {
    const answer = await server.get(target);
    t.notOk(answer.body.includes(canary), target);
    t.ok([200, 400, 404].includes(answer.status), `${answer.status} for ${target}`);
  }
});

await t.test('explain gives no way out either', async (t) => {
  for (const way of waysOut().filter((_way, index) => index % 40 === 0 && !_way.includes('．'))) {
    for (const target of [`/explain/${way}/dev`, `/explain/shop/${way}`, `/explain/shop/dev/${way}`]) {
      const wire = await HttpWire.open(server.managementPort);
      wire.send(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      const answer = await wire.answer();
      if (answer.body.includes(canary)) t.fail(`the canary came out by ${target}`);
      if (![200, 400, 404].includes(answer.status)) t.fail(`${answer.status} for ${target}`);
      wire.destroy();
    }
  }
  t.equal((await server.manage('GET', '/explain/shop/dev')).status, 200);
});

await t.test('what lies inside is still served', async (t) => {
  t.ok((await server.get('/shop/dev/main/shop/notes.txt')).body.includes(inside));
  t.ok((await server.get('/shop/dev/main/shop/deep/notes.txt')).body.includes(inside));
  t.ok((await server.get('/shop/dev')).body.includes(inside));
  t.notOk(server.output.includes(canary), 'the log holds nothing of it');
});
