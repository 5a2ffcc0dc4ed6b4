// Which applications a delivery is about, as Spring Cloud Config Monitor says it. (compatibility document 7, 9.5)
import t from 'tap';
import { pathApplications } from '../../../../src/core/webhook/pathApplications.ts';
import { parseWebhookBody, webhookBodyKind } from '../../../../src/core/webhook/webhookBody.ts';
import { webhookPaths } from '../../../../src/core/webhook/webhookPaths.ts';
import { webhookVendors, type WebhookVendor } from '../../../../src/core/webhook/webhookProvider.ts';
import { applicationsOf, push, vendors } from '../../../fixtures/webhook/deliveries.ts';

function applications(headers: Readonly<Record<string, string>>, body: unknown, without: readonly WebhookVendor[] = []): readonly string[] {
  const enabled = new Set(webhookVendors.filter((vendor) => !without.includes(vendor)));
  return pathApplications(webhookPaths(headers, body as Record<string, unknown>, enabled));
}

t.test('a file concerns its name and what is left of it at each hyphen', async (t) => {
  for (const [path, expected] of [
    ['orders.yml', ['orders']],
    ['conf/orders-service-dev.yml', ['orders-service-dev', 'orders-service', 'orders']],
    ['application.properties', ['*']],
    ['application-dev.yml', ['application-dev', '*']],
    ['C:\\conf\\orders.yml', ['orders']],
    ['orders', ['orders']],
    ['logback.v2.xml', ['logback.v2']],
    ['a.b/orders', ['orders']],
  ] as const) {
    t.same(pathApplications([path]), expected, path);
  }
  t.same(pathApplications(['b.yml', 'a-x.yml', 'b.properties', 'application.yml']), ['b', 'a-x', 'a', '*'], 'first seen first, none twice');
});

t.test('names that would multiply are bounded', async (t) => {
  t.same(pathApplications([`${'a-'.repeat(500_000)}.yml`, 'b.yml']), ['b'], 'no file system has such a name');
  const many = Array.from({ length: 1_000 }, (_, index) => `${'a-'.repeat(120)}${index}.yml`);
  t.ok(pathApplications([...many, ...Array.from({ length: 20_000 }, (_, index) => `x${index}.yml`)]).length <= 10_000);
});

t.test('the extractors are asked in the order of upstream', async (t) => {
  const commits = [{ modified: ['two.yml'] }];
  for (const [id, headers, body, expected] of [
    [
      'M01',
      { 'x-github-event': 'push' },
      { commits: [{ added: ['new-svc.yml'], removed: [], modified: ['app/pay-api-dev.properties'] }, { modified: ['application.yml'] }] },
      ['new-svc', 'new', 'pay-api-dev', 'pay-api', 'pay', '*'],
    ],
    ['M02', { 'x-github-event': 'ping' }, { zen: 'x' }, []],
    ['M03', { 'x-gitlab-event': 'Push Hook' }, { path: 'one.yml', commits }, ['one']],
    ['M04', { 'x-github-event': 'push' }, { path: 'one.yml', commits }, ['two']],
    ['M05', { 'x-gitea-event': 'push' }, { commits }, ['*']],
    ['M06', { 'x-event-key': 'repo:push', 'x-hook-uuid': 'u1' }, { push: { changes: [] } }, ['*']],
    ['M07', { 'x-event-key': 'repo:push' }, { push: { changes: [] } }, []],
    ['M10', {}, { path: ['z.yml', 'z.properties'] }, ['z']],
    ['the case of an event counts', { 'x-github-event': 'Push' }, { commits }, []],
    ['no commits: the next one is asked', { 'x-github-event': 'push', 'x-gitlab-event': 'Push Hook' }, { commits: [], path: 'p.yml' }, ['p']],
    ['Gitee', { 'x-git-oschina-event': 'Push Hook' }, { commits }, ['two']],
    ['Gogs', { 'x-gogs-event': 'push' }, { commits }, ['two']],
    ['Gitea without commits', { 'x-gitea-event': 'push' }, {}, []],
    ['Bitbucket Cloud, merged', { 'x-event-key': 'pullrequest:fulfilled', 'x-hook-uuid': 'u' }, { push: { changes: [] } }, ['*']],
    ['Bitbucket Server', { 'x-event-key': 'repo:refs_changed', 'x-request-id': 'r' }, { changes: [] }, ['*']],
    ['Bitbucket Server without changes', { 'x-event-key': 'repo:refs_changed', 'x-request-id': 'r' }, {}, []],
    ['Bitbucket Server, blank id', { 'x-event-key': 'pr:merged', 'x-request-id': ' ' }, {}, []],
    ['Bitbucket Server, merged', { 'x-event-key': 'pr:merged', 'x-request-id': 'r' }, {}, ['*']],
    [
      'added, removed, modified of each commit',
      { 'x-github-event': 'push' },
      { commits: [{ modified: ['c'], removed: ['b'], added: ['a'] }] },
      ['a', 'b', 'c'],
    ],
    ['what is no list or text is skipped', { 'x-github-event': 'push' }, { commits: [null, 1, { added: 'x', modified: [1, 'y'] }] }, ['y']],
  ] as const) {
    t.same(applications(headers, body), expected, id);
  }
});

t.test('a vendor that is switched off is not recognised', async (t) => {
  const body = { path: 'one.yml', commits: [{ modified: ['two.yml'] }] };
  t.same(applications({ 'x-github-event': 'push' }, body, ['github']), ['one']);
  t.same(applications({ 'x-event-key': 'pr:merged', 'x-request-id': 'r' }, {}, ['bitbucket']), []);
});

t.test('real deliveries name what upstream would', async (t) => {
  for (const vendor of vendors) {
    const { headers, body } = push(vendor, 'git.example.com', 'team/config');
    t.same(applications(headers, JSON.parse(body)), applicationsOf[vendor], vendor);
  }
});

t.test('a form has paths, a JSON body is an object, other types are not taken', async (t) => {
  t.equal(webhookBodyKind('application/json'), 'json');
  t.equal(webhookBodyKind('Application/Vnd.x+JSON; charset=utf-8'), 'json');
  t.equal(webhookBodyKind('application/x-www-form-urlencoded;charset=UTF-8'), 'form');
  for (const type of ['', 'text/plain', 'text/json', 'application/jsonx', 'multipart/form-data']) t.equal(webhookBodyKind(type), null, type);
  const paths = (text: string): unknown => {
    const body = parseWebhookBody('form', text);
    return body.kind === 'object' ? body.fields['path'] : body.kind;
  };
  t.same(paths('path=a-b.yml&path=application-x.yml'), ['a-b.yml', 'application-x.yml'], 'M08');
  t.same(paths('other=1'), 'invalid', 'M09');
  t.same(paths('path=a.yml,%20b.yml'), ['a.yml', 'b.yml'], 'one value is split');
  t.same(paths('path=a,b&path=c'), ['a,b', 'c'], 'several are not');
  for (const text of ['', '[]', '1', 'null', '"x"', '{', '{"a":1}x']) t.equal(parseWebhookBody('json', text).kind, 'invalid', text);
});
