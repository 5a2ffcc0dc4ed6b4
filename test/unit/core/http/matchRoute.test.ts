// Which route a request line means, and what is refused before anything is resolved.
import t from 'tap';
import { matchRoute, type RouteMatch } from '../../../../src/core/http/matchRoute.ts';

const defaults = { validateProfiles: true, hasResources: true };

function match(method: string, target: string, options = defaults): RouteMatch {
  const [path = '', query = ''] = target.split('?');
  return matchRoute(method, path, query, options);
}

/** `route name|profiles|label|path`, `-` for an absent label. */
function summary(target: string, options = defaults): string {
  const found = match('GET', target, options);
  if (found.kind === 'rejected') return found.code;
  if (found.kind !== 'config') return found.kind;
  const { request } = found;
  const rest = request.kind === 'resource' ? `|${request.path}` : request.kind === 'flat' ? `|${request.format}` : '';
  return `${found.route} ${request.name}|${request.profiles}|${request.label ?? '-'}${rest}`;
}

t.test('two segments are the environment without, three with a label', async (t) => {
  t.equal(summary('/till/dev'), 'R1 till|dev|-');
  t.equal(summary('/till/dev,qa/v1'), 'R2 till|dev,qa|v1');
  t.equal(summary('/till/dev/till-dev.yml'), 'R2 till|dev|till-dev.yml');
});

t.test('a dot and a whole format word is no profile, but may be a flat format with a label', async (t) => {
  for (const profile of ['dev.yml', 'dev.yaml,qa', 'a.json.b', 'x.properties-y']) t.equal(summary(`/till/${profile}`), 'ROUTE_UNKNOWN', profile);
  for (const profile of ['dev.yamlx', 'x-json', 'json', 'x.YML']) t.equal(summary(`/till/${profile}`), `R1 till|${profile}|-`);
  t.equal(summary('/main/till-dev.yml'), 'R6 till|dev|main|yml');
  t.equal(summary('/main/till.yml'), 'ROUTE_UNKNOWN');
});

t.test('flat formats split at the last hyphen', async (t) => {
  t.equal(summary('/pre-order-svc-uat.yaml'), 'R4 pre-order-svc|uat|-|yml');
  t.equal(summary('/a,b-dev,qa.json'), 'R5 a,b|dev,qa|-|json');
  t.equal(summary('/till-.properties'), 'R3 till||-|properties');
  t.equal(summary('/-dev.properties'), 'R3 |dev|-|properties');
});

t.test('the split and the format are looked for in the raw text, before decoding', async (t) => {
  t.equal(summary('/till%2Ddev.yml'), 'ROUTE_UNKNOWN');
  t.equal(summary('/till/dev%2Eyml'), 'R1 till|dev.yml|-');
});

t.test('four segments are a file, three only with useDefaultLabel', async (t) => {
  t.equal(summary('/till/dev/main/conf/site.conf'), 'R7 till|dev|main|conf/site.conf');
  t.equal(summary('/till/dev/main/'), 'R7 till|dev|main|');
  t.equal(summary('/till/dev/site.conf?useDefaultLabel'), 'R8 till|dev|-|site.conf');
  t.equal(summary('/till/dev/site.conf?useDefaultLabel=false'), 'R8 till|dev|-|site.conf');
  t.equal(summary('/till/dev/site.conf'), 'R2 till|dev|site.conf');
});

t.test('without file locations there is no plain-text route', async (t) => {
  const options = { validateProfiles: true, hasResources: false };
  t.equal(summary('/till/dev/main/site.conf', options), 'ROUTE_UNKNOWN');
  t.equal(summary('/till/dev/site.conf?useDefaultLabel', options), 'R2 till|dev|site.conf');
});

t.test('the root, one segment, a trailing slash and empty segments match nothing', async (t) => {
  for (const path of ['/', '/till', '/till/', '/till/dev/', '//dev', '/till//main']) t.equal(summary(path), 'ROUTE_UNKNOWN', path);
});

t.test('matrix parameters are dropped before matching', async (t) => {
  t.equal(summary('/till;v=1/dev;x=2'), 'R1 till|dev|-');
  t.equal(summary('/till/dev.yml;x=1'), 'ROUTE_UNKNOWN');
});

t.test('slash markers become slashes in name, label and path, never in profiles', async (t) => {
  t.equal(summary('/org(_)till/dev/feature(_)x/a(_)b.txt'), 'R7 org/till|dev|feature/x|a/b.txt');
  t.equal(summary('/till/a(_)b', { validateProfiles: false, hasResources: true }), 'R1 till|a(_)b|-');
});

t.test('segments are decoded once, strictly as UTF-8', async (t) => {
  t.equal(summary('/caf%C3%A9/dev'), 'R1 café|dev|-');
  t.equal(summary('/a%2525b/dev'), 'R1 a%25b|dev|-');
  for (const path of ['/a%C3/dev', '/a%zz/dev', '/a%/dev', '/a%FF/dev']) t.equal(summary(path), 'REQUEST_INVALID', path);
});

t.test('what a servlet container refuses in a path is refused: encoded slashes, backslashes, NUL', async (t) => {
  for (const path of ['/a%2Fb/dev', '/a/dev/main/x%2fy', '/a%5cb/dev', '/a\\b/dev', '/a%00/dev']) t.equal(summary(path), 'REQUEST_INVALID', path);
});

t.test('control characters are refused everywhere', async (t) => {
  for (const path of ['/a%0Ab/dev', '/a/dev/l%1F', '/a/dev/main/f%7F', '/a/dev/main/f%C2%85']) t.equal(summary(path), 'REQUEST_INVALID', path);
  t.equal(summary('/a/d%0Aev', { validateProfiles: false, hasResources: true }), 'REQUEST_INVALID');
});

t.test('traversal is refused in name, label and path, also in double encoding', async (t) => {
  const paths = ['/a..b/dev', '/a%23/dev', '/a%2523b/dev', '/(_)a/dev', '/%2528_%2529a/dev', '/a/dev/x(_)..(_)y', '/a/dev/(_)x', '/a/dev/x%252e%252e'];
  paths.push('/a/dev/main/..(_)f', '/a/dev/main/(_)f', '/a/dev/main/..%252Ff', '/a/dev/main/%252e%252e/f', '/a/dev/main/f%2523');
  for (const path of paths) t.equal(summary(path), 'REQUEST_INVALID', path);
});

t.test('a second encoding that is malformed hides nothing and is no reason to refuse', async (t) => {
  t.equal(summary('/a%25/dev'), 'R1 a%|dev|-');
  t.equal(summary('/a%25zz%252e%252e/dev'), 'REQUEST_INVALID');
});

t.test('blanks, quotes, tildes, at signs and braces in labels are allowed', async (t) => {
  t.equal(summary("/q'a b~c@d/dev".replace(' ', '%20')), "R1 q'a b~c@d|dev|-");
  t.equal(summary('/a/dev/%7Blabel%7D'), 'R2 a|dev|{label}');
  t.equal(summary('/a/dev/*'), 'R2 a|dev|*');
});

t.test('pattern characters in names are refused, but a star goes on to fail in resolution', async (t) => {
  for (const path of ['/a%7Bb/dev', '/a%5Bb/dev', '/a%3Fb/dev']) t.equal(summary(path), 'REQUEST_INVALID', path);
  t.equal(summary('/a*/dev'), 'R1 a*|dev|-');
});

t.test('profiles are letters, digits and a few signs, with a letter or digit at both ends', async (t) => {
  for (const profile of ['dev', 'dev_1', 'a.b-c+d@e', '1', 'été', 'a,b']) t.match(summary(`/a/${encodeURIComponent(profile)}`), /^R1/, profile);
  for (const profile of ['dev-', '.dev', 'a,,b', ',a', 'a,', 'a b', 'a%', '(_)a', 'a*', 'a:b', 'a..b']) {
    t.equal(summary(`/x/${encodeURIComponent(profile)}`), 'REQUEST_INVALID', profile);
  }
});

t.test('with profile validation off profiles pass', async (t) => {
  for (const profile of ['a..b', 'dev,,qa', 'de%20v', 'dev%23']) {
    t.match(summary(`/x/${profile}`, { validateProfiles: false, hasResources: true }), /^R1/, profile);
  }
});

t.test('lists of more elements than any client asks for are refused', async (t) => {
  const list = (length: number): string => Array.from({ length }, (_, index) => `p${index}`).join(',');
  t.match(summary(`/a/${list(64)}`), /^R1/);
  for (const path of [`/a/${list(65)}`, `/${list(65)}/dev`, `/a/dev/${list(65)}`]) t.equal(summary(path), 'REQUEST_INVALID');
});

t.test('resolvePlaceholders is a boolean word, true when absent or empty', async (t) => {
  const resolve = (query: string): unknown => {
    const found = match('GET', `/till-dev.yml?${query}`);
    return found.kind === 'config' && found.request.kind === 'flat' ? [found.request.resolvePlaceholders, found.canonicalQuery] : found;
  };
  for (const query of ['', 'label=x', 'resolvePlaceholders=', 'resolvePlaceholders=YES', 'resolvePlaceholders=1']) t.same(resolve(query), [true, ''], query);
  for (const query of ['resolvePlaceholders=off', 'x=1&resolvePlaceholders=False', 'resolvePlaceholders=no&resolvePlaceholders=yes']) {
    t.same(resolve(query), [false, 'resolvePlaceholders=false'], query);
  }
  t.equal(summary('/till-dev.yml?resolvePlaceholders=maybe'), 'QUERY_INVALID');
  t.match(summary('/till/dev?resolvePlaceholders=maybe'), /^R1/);
});

t.test('the canonical query tells the plain-text forms apart', async (t) => {
  const canonical = (target: string): string => {
    const found = match('GET', target);
    return found.kind === 'config' ? found.canonicalQuery : found.kind;
  };
  t.equal(canonical('/a/dev/f?b=1&useDefaultLabel=x&resolvePlaceholders=0'), 'resolvePlaceholders=false&useDefaultLabel');
  t.equal(canonical('/a/dev/main/f?useDefaultLabel'), '');
  t.equal(canonical('/a/dev?useDefaultLabel'), '');
});

t.test('another method gets the methods that the path allows', async (t) => {
  const allow = (method: string, target: string): unknown => {
    const found = match(method, target);
    return found.kind === 'rejected' ? [found.code, found.allow] : found.kind === 'options' ? found.allow : found.kind;
  };
  t.same(allow('POST', '/till/dev'), ['METHOD_NOT_ALLOWED', ['GET']]);
  t.same(allow('PUT', '/till/dev/main/f.txt'), ['METHOD_NOT_ALLOWED', ['GET']]);
  t.same(allow('POST', '/encrypt/app'), ['METHOD_NOT_ALLOWED', ['GET']]);
  t.same(allow('GET', '/encrypt'), ['METHOD_NOT_ALLOWED', ['POST']]);
  t.same(allow('DELETE', '/encrypt/a/b'), ['METHOD_NOT_ALLOWED', ['POST', 'GET']]);
  t.same(allow('OPTIONS', '/till-dev.yml'), ['GET', 'HEAD', 'OPTIONS']);
  t.same(allow('OPTIONS', '/decrypt'), ['POST', 'OPTIONS']);
  t.same(allow('OPTIONS', '/till'), ['ROUTE_UNKNOWN', null]);
  t.equal(allow('HEAD', '/till/dev'), 'config');
});

t.test('literal encryption paths shadow applications of that name for their own method only', async (t) => {
  const route = (method: string, target: string): string => {
    const found = match(method, target);
    return found.kind === 'encryption' ? `${found.route} ${found.name}|${found.profiles}` : found.kind === 'config' ? found.route : found.kind;
  };
  t.equal(route('GET', '/encrypt/status'), 'R11 null|null');
  t.equal(route('POST', '/encrypt'), 'R9 null|null');
  t.equal(route('POST', '/encrypt/a/b'), 'R9 a|b');
  t.equal(route('POST', '/decrypt/a/b'), 'R10 a|b');
  t.equal(route('GET', '/encrypt/a/b'), 'R2');
  t.equal(route('GET', '/key'), 'R12 null|null');
  t.equal(route('GET', '/key/a/b'), 'R12 a|b');
  t.equal(route('GET', '/key/a'), 'R1');
  t.equal(route('GET', '/key/a..b/x'), 'rejected');
});

t.test('templates name the route for metrics without anything of the request', async (t) => {
  const template = (target: string): string => match('GET', target).template;
  t.equal(template('/a/dev/main'), '/{name}/{profiles}/{label}');
  t.equal(template('/a-dev.yaml'), '/{name}-{profiles}.yaml');
  t.equal(template('/main/a-dev.json'), '/{label}/{name}-{profiles}.json');
  t.equal(template('/a/dev/main/x/y'), '/{name}/{profile}/{label}/**');
  t.equal(template('/a..b/dev'), '/{name}/{profiles}');
  t.equal(template('/nothing'), 'unmatched');
});
