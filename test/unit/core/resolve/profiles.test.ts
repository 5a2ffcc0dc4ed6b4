// Profile expressions, activation, groups and includes.
import t from 'tap';
import { isActive } from '../../../../src/core/resolve/activation.ts';
import { effectiveProfiles } from '../../../../src/core/resolve/effectiveProfiles.ts';
import { profileExpression } from '../../../../src/core/resolve/profileExpression.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { codeOf, context, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';

function matches(expression: string, ...profiles: readonly string[]): boolean {
  return profileExpression(expression)(new Set(profiles));
}

/** The values of `v`, highest precedence first. */
function values(files: Readonly<Record<string, string>>, profiles: string, name = 'a'): unknown[] {
  const recorded = context({ 'native@': tree('r1', Object.fromEntries(Object.entries(files).map(([path, text]) => [`c/${path}`, text]))) });
  const environment = resolveEnvironment(target(name, profiles), options([native()]), recorded.context);
  return environment.propertySources.map((source) => source.properties.get('v')?.value ?? source.name);
}

const ON = 'spring.config.activate.on-profile';

t.test('expressions combine names with not, and, or and parentheses', async (t) => {
  t.ok(matches('a', 'a'));
  t.notOk(matches('a', 'A'));
  t.ok(matches('!a', 'b'));
  t.ok(matches('a & (b | c)', 'a', 'c'));
  t.notOk(matches('a & (b | c)', 'a'));
  t.ok(matches('!(a | b)', 'c'));
  t.ok(matches('! a & !b', 'c'));
  t.notOk(matches('!a & b', 'a', 'b'));
  t.ok(matches('eu-west.1 & t_2', 'eu-west.1', 't_2'));
});

t.test('the parser is as lenient as the original', async (t) => {
  t.ok(matches('(a | b', 'b'), 'a missing parenthesis');
  t.ok(matches('a) & b', 'a', 'b'), 'a superfluous one closes the group before it');
  t.ok(matches('a &', 'a'), 'a trailing operator');
  t.ok(matches('| a', 'a'), 'a leading operator');
  t.ok(matches('a (b)', 'b'), 'operands without an operator are alternatives');
  t.ok(matches('a !b', 'c'));
});

t.test('mixed operators and empty groups fail', async (t) => {
  for (const expression of ['a & b | c', 'a | b & c', '()', '&', '!', 'a & ()', ''])
    t.equal(
      codeOf(() => profileExpression(expression)),
      'CONTENT_INVALID',
      expression,
    );
  t.ok(matches('(a & b) | c', 'c'));
});

t.test('any of several conditions is enough, and all of them are parsed', async (t) => {
  const conditions = (...onProfile: readonly string[]) => ({ onProfile, onCloudPlatform: '' });
  t.ok(isActive(conditions('a', 'b'), new Set(['b'])));
  t.ok(isActive(conditions(), null));
  t.notOk(isActive(conditions('!a'), null), 'not before the profiles are known');
  t.equal(
    codeOf(() => isActive(conditions('a', 'b & c | d'), new Set(['a']))),
    'CONTENT_INVALID',
  );
});

t.test('this server runs on no cloud platform', async (t) => {
  t.notOk(isActive({ onProfile: [], onCloudPlatform: 'kubernetes' }, new Set()));
  t.notOk(isActive({ onProfile: [], onCloudPlatform: 'CLOUD_FOUNDRY' }, new Set()));
  t.equal(
    codeOf(() => isActive({ onProfile: [], onCloudPlatform: 'moon' }, new Set())),
    'CONTENT_INVALID',
  );
});

t.test('groups stand directly behind their profile, includes behind everything', async (t) => {
  const groups = new Map([
    ['live', ['metrics', 'eu']],
    ['eu', ['euro']],
    ['loop', ['loop', 'live']],
  ]);
  t.same(effectiveProfiles(['live', 'test'], [{ include: ['x', 'live'], groups }]), ['live', 'metrics', 'eu', 'euro', 'test', 'x']);
  t.same(effectiveProfiles(['loop'], [{ include: [], groups }]), ['loop', 'live', 'metrics', 'eu', 'euro']);
  t.same(
    effectiveProfiles(
      ['p'],
      [
        { include: [], groups: new Map([['p', ['high']]]) },
        { include: [], groups: new Map([['p', ['low']]]) },
      ],
    ),
    ['p', 'high'],
  );
  t.equal(
    codeOf(() => effectiveProfiles(['p'], [{ include: ['../x'], groups }])),
    'CONTENT_INVALID',
  );
});

t.test('documents are active for the requested profiles, in every spelling of the condition', async (t) => {
  const files = {
    'a.yml': ['v=base', `${ON}=dev\nv=dash`, 'spring.config.activate.onProfile=dev,qa\nv=camel', `${ON}[0]=qa\n${ON}[1]=dev\nv=list`, `${ON}=\nv=empty`].join(
      '\n---\n',
    ),
  };
  t.same(values(files, 'dev'), ['empty', 'list', 'camel', 'dash', 'base']);
  t.same(values(files, 'qa'), ['empty', 'list', 'camel', 'base']);
  t.same(values(files, 'Dev'), ['empty', 'base']);
});

t.test('conditions are matched against the effective profiles', async (t) => {
  const files = { 'a.yml': `v=base\nspring.profiles.group.p=q\n---\n${ON}=q\nv=member`, 'a-q.yml': 'v=file' };
  t.same(values(files, 'p'), ['file', 'member', 'base']);
});

t.test('placeholders in conditions come from served documents, never from the environment of the server', async (t) => {
  const files = { 'application.yml': 'v=shared\nstage=dev\nchain=${stage}', 'a.yml': `${ON}=\${chain}\nv=a`, 'b.yml': `${ON}=\${PATH:qa}\nv=b` };
  t.same(values(files, 'dev'), ['a', 'shared']);
  t.same(values(files, 'qa', 'b'), ['b', 'shared']);
});

t.test('includes and groups work, active and default do not', async (t) => {
  t.same(values({ 'a.yml': 'v=base\nspring.profiles.include=x', 'a-x.yml': 'v=x', 'a-p.yml': 'v=p' }, 'p'), ['x', 'p', 'base']);
  t.same(values({ 'a.yml': 'v=base\nspring.profiles.active=x', 'a-x.yml': 'v=x' }, 'p'), ['base']);
  t.same(values({ 'a.yml': 'v=base\nspring.profiles.default=x', 'a-x.yml': 'v=x' }, 'p'), ['base']);
});

t.test('a default request activates nothing, and its profile is like any other', async (t) => {
  const files = {
    'a.yml': `v=base\nspring.profiles.include=x\nspring.profiles.group.default=y\n---\n${ON}=default\nv=doc`,
    'a-x.yml': 'v=x',
    'a-y.yml': 'v=y',
    'a-default.yml': 'v=default',
  };
  t.same(values(files, 'default'), ['default', 'doc', 'base']);
  t.same(values(files, 'Default'), ['base']);
  t.same(values(files, 'dev,default'), ['x', 'y', 'default', 'doc', 'base']);
});

t.test('profiles must not be activated under a condition or in a profile file', async (t) => {
  for (const key of ['active', 'include', 'default']) {
    t.equal(
      codeOf(() => values({ 'a.yml': `v=1\n---\n${ON}=q\nspring.profiles.${key}=z` }, 'x')),
      'CONTENT_INVALID',
      key,
    );
    t.equal(
      codeOf(() => values({ 'a-q.yml': `spring.profiles.${key}[0]=z` }, 'q')),
      'CONTENT_INVALID',
      key,
    );
  }
  t.same(values({ 'a-q.yml': 'v=q\nspring.profiles.active=z' }, 'x'), []);
});

t.test('the old key for documents fails even in an inactive document and in a default request', async (t) => {
  for (const key of ['spring.profiles', 'spring.profiles[0]']) {
    for (const profiles of ['x', 'default'])
      t.equal(
        codeOf(() => values({ 'a.yml': `v=1\n---\n${ON}=q\n${key}=z` }, profiles)),
        'CONTENT_INVALID',
        key,
      );
  }
});
