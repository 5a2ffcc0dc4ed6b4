// Deliveries of every provider: who is believed, what is polled, what is seen twice, and what the sender is told.
import t from 'tap';
import { WebhookReceiver, type WebhookTarget } from '../../../../src/control/webhook/webhookReceiver.ts';
import type { ManagementAnswer } from '../../../../src/control/management/managementRoutes.ts';
import { createLogLevel } from '../../../../src/telemetry/logLevel.ts';
import { Logger, type LogRecord } from '../../../../src/telemetry/logger.ts';
import { PrimaryMetrics } from '../../../../src/telemetry/primaryMetrics.ts';
import { applicationsOf, push, settingsOf, signed, vendors, type Delivery } from '../../../fixtures/webhook/deliveries.ts';
import { validSettings } from '../../settings/resolveTexts.ts';

const secret = 'It’s a Secret to Everybody';
const host = 'git.example.com';
const path = 'team/config';
const ours: WebhookTarget = { repository: `git https://${host}/${path}.git`, urls: [`https://${host}/${path}.git`] };
const others: WebhookTarget = { repository: `git.repos.b https://${host}/${path}-b.git`, urls: [`https://${host}/${path}-b.git`] };
const native: WebhookTarget = { repository: 'native', urls: [] };

interface Bench {
  readonly send: (delivery: Delivery) => Promise<ManagementAnswer>;
  readonly outcome: (delivery: Delivery) => Promise<string>;
  readonly polled: string[];
  readonly logged: LogRecord[];
  readonly counts: () => Readonly<Record<string, number>>;
}

/** `flags` below monitor, as in `github.secret=x`. */
function bench(flags: readonly string[], targets: readonly WebhookTarget[] = [ours, others, native], nowMs: () => number = Date.now): Bench {
  const { settings } = validSettings({ flags: flags.map((flag) => `--monitor.${flag}`) });
  const polled: string[] = [];
  const logged: LogRecord[] = [];
  const metrics = new PrimaryMetrics();
  const sink = { write: (record: LogRecord) => void logged.push(record), flush: () => Promise.resolve(), flushNow: () => undefined };
  const log = new Logger(createLogLevel('info'), sink, 'webhooks');
  const receiver = new WebhookReceiver(settings.monitor, { targets: () => targets, poll: (repository) => void polled.push(repository), nowMs, metrics, log });
  const send: Bench['send'] = ({ headers, body }) =>
    receiver.receive({
      target: '/monitor',
      headers,
      readBody: (bytesMax) => Promise.resolve(Buffer.byteLength(body) > bytesMax ? null : Buffer.from(body)),
    });
  return {
    send,
    outcome: async (delivery) => {
      const { status, headers = [] } = await send(delivery);
      return headers.find(([name]) => name === 'x-vortex-webhook')?.[1] ?? String(status);
    },
    polled,
    logged,
    counts: () =>
      Object.fromEntries(
        metrics.counterSeries('vortex_webhook_deliveries_total').map(({ labels, value }) => [`${labels['provider']} ${labels['outcome']}`, value]),
      ),
  };
}

const form = (body: string, headers: Readonly<Record<string, string>> = {}): Delivery => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body,
});
const json = (fields: unknown, headers: Readonly<Record<string, string>> = {}): Delivery => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(fields),
});

for (const vendor of vendors) {
  const option = settingsOf[vendor];

  t.test(`${vendor}: a push polls the source that it names, and only that`, async (t) => {
    const { send, polled, counts } = bench([]);
    const answer = await send(push(vendor, host, path));
    t.match(answer, { status: 200, contentType: 'application/json', body: JSON.stringify(applicationsOf[vendor]) });
    t.same(answer.headers, [
      ['x-vortex-webhook', 'polled'],
      ['x-vortex-sources-polled', '1'],
    ]);
    t.same(polled, [ours.repository]);
    t.same(counts(), { [`${option} polled`]: 1 });
  });

  t.test(`${vendor}: with a secret only its own signature or token is believed`, async (t) => {
    const { send, outcome, polled, counts, logged } = bench([`${option}.secret=${secret}`]);
    const delivery = push(vendor, host, path);
    const right = signed(vendor, delivery, secret);
    t.equal(await outcome(delivery), '401', 'nothing');
    t.equal(await outcome(signed(vendor, delivery, 'another')), '401', 'of another secret');
    const names = Object.keys(right.headers).filter((name) => !(name in delivery.headers));
    const changed = (change: (value: string) => string): Delivery => ({
      headers: { ...right.headers, ...Object.fromEntries(names.map((name) => [name, change(right.headers[name] ?? '')])) },
      body: right.body,
    });
    for (const change of [
      (value: string) => `${value}0`,
      (value: string) => value.slice(0, -1),
      (value: string) => value.toUpperCase(),
      () => '',
      (value: string) => value.replace('sha256=', 'sha1='),
      (value: string) => `${value},${value}`,
    ]) {
      const each = changed(change);
      const deciding = vendor === 'gitea' ? 'x-gitea-signature' : (names.at(-1) ?? '');
      if (each.headers[deciding] !== right.headers[deciding]) t.equal(await outcome(each), '401', names.map((name) => each.headers[name]).join(' '));
    }
    const isBodySigned = !['gitlab', 'gitee'].includes(vendor);
    if (isBodySigned) t.equal(await outcome({ ...right, body: right.body.replace('main', 'evil') }), '401', 'a changed body');
    t.same(polled, []);
    t.notOk(JSON.stringify(await send(delivery)).includes(secret));
    t.equal(await outcome(right), 'polled');
    t.same(polled, [ours.repository]);
    t.equal(counts()[`${option} polled`], 1);
    t.ok((counts()[`${option} refused`] ?? 0) > 3);
    t.notOk(JSON.stringify(logged).includes(secret));
  });

  t.test(`${vendor}: a delivery that comes again polls nothing`, async (t) => {
    const { outcome, polled } = bench([`${option}.secret=${secret}`]);
    const delivery = signed(vendor, push(vendor, host, path), secret);
    t.equal(await outcome(signed(vendor, push(vendor, host, path), 'wrong')), '401', 'a refused one is not remembered');
    t.equal(await outcome(delivery), 'polled');
    t.equal(await outcome(delivery), 'repeated');
    const renamed = Object.keys(delivery.headers).filter((name) => /delivery|uuid|request-id/.test(name));
    const another = { ...delivery.headers, ...Object.fromEntries(renamed.map((name) => [name, 'e2a1a2c0-0000-4000-8000-000000000000'])) };
    // GitLab signs nothing: who knows its token can say anything
    if (vendor !== 'gitlab') t.equal(await outcome({ headers: another, body: delivery.body }), 'repeated', 'the same signed body with another id');
    t.equal(polled.length, 1);
    t.equal(await outcome(signed(vendor, push(vendor, host, path, 2), secret)), 'polled', 'the next push');
  });

  t.test(`${vendor}: a repository that is not ours polls nothing, and says so`, async (t) => {
    const { send, outcome, polled, logged, counts } = bench([]);
    const answer = await send(push(vendor, 'elsewhere.example.com', 'team/other'));
    t.match(answer, { status: 200, body: JSON.stringify(applicationsOf[vendor]) });
    t.same(answer.headers, [
      ['x-vortex-webhook', 'unmatched'],
      ['x-vortex-sources-polled', '0'],
    ]);
    t.same(polled, []);
    t.match(logged, [{ level: 'warn' }]);
    t.match(JSON.stringify(logged), /team\/other/);
    t.equal(await outcome(push(vendor, 'elsewhere.example.com', 'team/other', 2)), 'unmatched');
    t.equal(logged.length, 1, 'the same complaint is one line');
    t.equal(counts()[`${option} unmatched`], 2);
  });

  t.test(`${vendor}: with the secret of another provider it is refused`, async (t) => {
    const { outcome, polled } = bench([`${option === 'github' ? 'gitlab' : 'github'}.secret=${secret}`]);
    t.equal(await outcome(push(vendor, host, path)), '401');
    t.equal(await outcome(signed(vendor, push(vendor, host, path), secret)), '401');
    t.same(polled, []);
  });
}

t.test('the generic form polls what it names, or everything', async (t) => {
  const { send, polled } = bench([]);
  t.match(await send(form('path=a-b.yml&path=application-x.yml')), { status: 200, body: '["a-b","a","application-x","*"]' });
  t.same(polled.splice(0), [ours.repository, others.repository, native.repository]);
  t.match(await send(json({ path: ['z.yml', 'z.properties'] })), { status: 200, body: '["z"]' });
  t.equal(polled.splice(0).length, 3);
  await send(form(`path=a.yml&repository=https://${host}/${path}`));
  t.same(polled.splice(0), [ours.repository]);
  await send(json({ path: 'a.yml', repository: `git@${host}:${path}-b.git` }));
  t.same(polled.splice(0), [others.repository]);
  t.match(await send(json({ path: 'a.yml', repository: 'https://169.254.169.254/latest/meta-data' })), { status: 200, body: '["a"]' });
  t.same(polled, [], 'an address is compared, not asked');
});

t.test('the generic form needs the token once any secret is set', async (t) => {
  const { outcome, polled } = bench([`token=${secret}`, 'github.secret=x']);
  const authorised = (authorization: string): Delivery => form('path=a.yml', { authorization });
  for (const authorization of ['', secret, `Basic ${secret}`, 'Bearer ', 'Bearer x', `Bearer ${secret}x`])
    t.equal(await outcome(authorised(authorization)), '401');
  t.equal(await outcome(push('github', host, path)), '401', 'the token of the generic form is no secret of GitHub');
  t.same(polled, []);
  t.equal(await outcome(authorised(`Bearer ${secret}`)), 'polled');
  t.equal(await outcome(authorised(`bearer  ${secret}`)), 'polled', 'nothing tells two of them apart');
  const github = bench(['github.secret=x']);
  t.equal(await github.outcome(form('path=a.yml')), '401', 'leaving out the header is no way around the secret');
  t.match(JSON.stringify(github.logged), /monitor.token is not set/);
});

t.test('a switched-off provider is judged as what is left of its delivery', async (t) => {
  const { outcome, send, polled } = bench(['github.enabled=false']);
  t.equal(await outcome(push('github', host, path)), 'ignored');
  t.match(await send(push('github', host, path)), { body: '[]' });
  t.same(polled, []);
});

t.test('Gitee: password, signature as text or percent-encoded, and its time', async (t) => {
  let nowMs = 1_770_109_530_000;
  const { outcome } = bench([`gitee.secret=${secret}`], [ours], () => nowMs);
  const at = (timestamp: string): Delivery => {
    const { headers, body } = push('gitee', host, path);
    return signed('gitee', { headers: { ...headers, 'x-gitee-timestamp': timestamp }, body }, secret);
  };
  t.equal(await outcome(at(String(nowMs))), 'polled');
  const encoded = at(String(nowMs + 1));
  const token = encodeURIComponent(encoded.headers['x-gitee-token'] ?? '');
  t.equal(await outcome({ ...encoded, headers: { ...encoded.headers, 'x-gitee-token': token } }), 'polled');
  for (const timestamp of [nowMs - 300_001, nowMs + 300_001, 0, '', 'x', `${nowMs}0`, '1e12', ` ${nowMs}`])
    t.equal(await outcome(at(String(timestamp))), '401', String(timestamp));
  t.equal(await outcome(at(String(nowMs - 299_000))), 'polled');
  nowMs += 600_000;
  t.equal(await outcome(at(String(nowMs - 600_000))), '401', 'what was recent is not any more');
  const { headers, body } = push('gitee', host, path);
  t.equal(await outcome({ headers: { ...headers, 'x-gitee-token': secret }, body }), 'polled', 'a password has no time');
});

t.test('what moves no branch or tag polls nothing; a tag and a deletion do', async (t) => {
  const repository = { clone_url: `https://${host}/${path}.git` };
  for (const [headers, body, expected] of [
    [{ 'x-github-event': 'ping' }, { zen: 'x', repository }, 'ignored'],
    [{ 'x-github-event': 'issues' }, { repository }, 'ignored'],
    [{ 'x-github-event': 'push' }, { ref: 'refs/tags/v1', commits: [], repository }, 'polled'],
    [{ 'x-github-event': 'delete' }, { ref: 'v1', ref_type: 'tag', repository }, 'polled'],
    [{ 'x-gitlab-event': 'Tag Push Hook' }, { project: { http_url: `https://${host}/${path}.git` } }, 'polled'],
    [{ 'x-gitlab-event': 'System Hook' }, { event_name: 'project_create', project: { http_url: `https://${host}/${path}.git` } }, 'ignored'],
    [{ 'x-gitlab-event': 'System Hook' }, { event_name: 'tag_push', project: { http_url: `https://${host}/${path}.git` } }, 'polled'],
    [{ 'x-gitlab-event': 'Pipeline Hook' }, { project: { http_url: `https://${host}/${path}.git` } }, 'ignored'],
    [{ 'x-event-key': 'diagnostics:ping' }, { test: true }, 'ignored'],
    [{ 'x-gitee-event': 'Note Hook' }, { repository }, 'ignored'],
    [{}, { repository: `https://${host}/${path}.git` }, 'ignored'],
  ] as const) {
    t.equal(await bench([]).outcome(json(body, headers as Record<string, string>)), expected, JSON.stringify(headers));
  }
});

t.test('bodies that are none, too large, or of another type are refused with what is wrong', async (t) => {
  const { send, polled, counts } = bench(['bodyBytesMax=1KiB']);
  const github = { 'x-github-event': 'push' };
  for (const [delivery, status, code] of [
    [{ headers: { ...github, 'content-type': 'application/json' }, body: '{"commits":[' }, 400, 'BODY_INVALID'],
    [{ headers: { ...github, 'content-type': 'application/json' }, body: '' }, 400, 'BODY_INVALID'],
    [json([], github), 400, 'BODY_INVALID'],
    [form('other=1'), 400, 'BODY_INVALID'],
    [form('payload=%7B%7D', github), 400, 'BODY_INVALID'],
    [json({ path: 'x'.repeat(2_000) }), 413, 'BODY_TOO_LARGE'],
    [{ headers: github, body: '{}' }, 415, 'BODY_TYPE_UNSUPPORTED'],
    [{ headers: { ...github, 'content-type': 'text/plain' }, body: '{}' }, 415, 'BODY_TYPE_UNSUPPORTED'],
  ] as const) {
    const answer = await send(delivery);
    t.equal(answer.status, status);
    t.match(JSON.parse(answer.body), { status, code, path: '/monitor' });
  }
  t.same(polled, []);
  t.same(counts(), { 'github invalid': 6, 'generic invalid': 2 });
});

t.test('more deliveries at once than a server holds are sent away, and none stays counted', async (t) => {
  const { settings } = validSettings({});
  const sink = { write: () => undefined, flush: () => Promise.resolve(), flushNow: () => undefined };
  const log = new Logger(createLogLevel('info'), sink, 'webhooks');
  const ports = { targets: () => [native], poll: () => undefined, nowMs: Date.now, metrics: new PrimaryMetrics(), log };
  const receiver = new WebhookReceiver(settings.monitor, ports);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const send = (body: () => Promise<Uint8Array>): Promise<ManagementAnswer> =>
    receiver.receive({ target: '/monitor', headers: { 'content-type': 'application/json' }, readBody: body });
  const slow = Array.from({ length: 64 }, (_, index) =>
    send(async () => {
      await arrived;
      if (index === 0) throw new Error('the client went away');
      return Buffer.from('{"path":"a.yml"}');
    }),
  );
  const refused = await send(() => Promise.resolve(Buffer.from('{}')));
  t.match(refused, { status: 503, headers: [['retry-after', '1']] });
  arrive();
  const [gone, ...rest] = await Promise.allSettled(slow);
  t.equal(gone?.status, 'rejected');
  t.ok(rest.every((each) => each.status === 'fulfilled' && each.value.status === 200));
  t.equal((await send(() => Promise.resolve(Buffer.from('{"path":"a.yml"}')))).status, 200);
});

t.test('further uris of a source are compared as its own', async (t) => {
  const internal: WebhookTarget = { repository: 'git http://gitea:3000/team/config', urls: ['http://gitea:3000/team/config', `https://${host}/${path}`] };
  const { outcome, polled } = bench([], [internal]);
  t.equal(await outcome(push('gitea', host, path)), 'polled');
  t.same(polled, [internal.repository]);
});
