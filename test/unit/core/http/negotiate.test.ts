// Which representation an Accept header selects, and what type the answer claims.
import t from 'tap';
import { matchRoute } from '../../../../src/core/http/matchRoute.ts';
import { negotiate, type Negotiation } from '../../../../src/core/http/negotiate.ts';

const V2 = 'application/vnd.spring-cloud.config-server.v2+json';

function answer(target: string, accept: string, acceptCharset = '', hasResources = true): Negotiation {
  const [path = '', query = ''] = target.split('?');
  const match = matchRoute('GET', path, query, { validateProfiles: true, hasResources });
  if (match.kind !== 'config') throw new Error(`no config route: ${target}`);
  return negotiate(match, accept, acceptCharset, hasResources);
}

function summary(target: string, accept: string): string {
  const result = answer(target, accept);
  return result.kind === 'ok' ? `${result.representation.kind} ${result.contentType}` : `${result.code} ${result.emptyBody404}`;
}

t.test('the environment is v1 or v2, and the content type echoes what was asked for', async (t) => {
  const expected: readonly (readonly [accept: string, result: string])[] = [
    ['', 'v1 application/json'],
    ['*/*', 'v1 application/json'],
    ['application/*', 'v1 application/json'],
    ['application/json', 'v1 application/json'],
    ['application/json;charset=UTF-8', 'v1 application/json;charset=UTF-8'],
    ['application/json;q=0.3', 'v1 application/json'],
    ['APPLICATION/JSON', 'v1 application/json'],
    [V2, `v2 ${V2}`],
    ['application/*+json', `v2 ${V2}`],
    [`${V2}, application/json`, `v2 ${V2}`],
    [`application/json, ${V2}`, 'v1 application/json'],
    [`application/json;q=0.5, ${V2};q=0.9`, `v2 ${V2}`],
    [`*/*, ${V2}`, `v2 ${V2}`],
    ['text/plain, */*;q=0.1', 'v1 application/json'],
    ['application/json;x="a,b;c"', 'v1 application/json;x="a,b;c"'],
  ];
  for (const [accept, result] of expected) t.equal(summary('/a/dev', accept), result, accept);
});

t.test('what R1 cannot serve is 406; R2 falls through to the plain-text route and finds nothing', async (t) => {
  for (const accept of ['text/html', 'application/yaml', 'application/vnd.spring-cloud.config-server.v1+json', 'nonsense', 'application/json;q=0']) {
    t.equal(summary('/a/dev', accept), 'NOT_ACCEPTABLE false', accept);
    t.equal(summary('/a/dev/main', accept), 'NOT_ACCEPTABLE true', accept);
  }
  t.match(answer('/a/dev/main', 'text/html', '', false), { code: 'NOT_ACCEPTABLE', emptyBody404: false });
});

t.test('flat formats do not look at Accept', async (t) => {
  t.equal(summary('/a-dev.json', 'text/html'), 'flat application/json');
  t.equal(summary('/a-dev.yml', 'nonsense'), 'flat text/plain');
  t.equal(summary('/main/a-dev.properties', V2), 'flat text/plain');
});

t.test('the text handler claims the type that was asked for', async (t) => {
  const expected: readonly (readonly [accept: string, result: string])[] = [
    ['', 'text text/plain;charset=UTF-8'],
    ['*/*', 'text text/plain;charset=UTF-8'],
    ['text/plain', 'text text/plain;charset=UTF-8'],
    ['text/*', 'text text/plain;charset=UTF-8'],
    ['application/json', 'text application/json'],
    ['application/problem+json', 'text application/problem+json'],
    ['image/png', 'text image/png;charset=UTF-8'],
    ['text/html;charset=ISO-8859-1', 'text text/html;charset=UTF-8'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text text/html;charset=UTF-8'],
    ['text/html, */*;q=0.8, application/octet-stream;q=0.1', 'text text/html;charset=UTF-8'],
  ];
  for (const [accept, result] of expected) t.equal(summary('/a/dev/main/f', accept), result, accept);
});

t.test('the first octet-stream or application range selects the binary handler', async (t) => {
  for (const accept of ['application/octet-stream', 'application/*', 'text/plain, application/octet-stream', 'text/html, application/*;q=0.9, */*;q=0.8']) {
    t.equal(summary('/a/dev/main/f', accept), 'binary application/octet-stream', accept);
  }
});

t.test('a bad resolvePlaceholders is only seen by the text handler', async (t) => {
  t.equal(summary('/a/dev/main/f?resolvePlaceholders=perhaps', '*/*'), 'QUERY_INVALID false');
  t.equal(summary('/a/dev/main/f?resolvePlaceholders=perhaps', 'application/octet-stream'), 'binary application/octet-stream');
});

t.test('Accept-Charset is one charset name as a whole', async (t) => {
  t.match(answer('/a/dev/main/f', '', 'ISO-8859-1'), { representation: { kind: 'text', charset: 'ISO-8859-1' } });
  t.match(answer('/a/dev/main/f', '', 'x-unknown'), { representation: { kind: 'text', charset: 'x-unknown' } });
  t.match(answer('/a/dev/main/f', '', 'utf-8, iso-8859-1;q=0.5'), { code: 'CHARSET_INVALID' });
  t.match(answer('/a/dev/main/f', 'application/octet-stream', 'a,b'), { kind: 'ok' });
});
