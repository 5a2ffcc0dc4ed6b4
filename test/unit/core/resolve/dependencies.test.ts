// What an answer depends on is recorded completely, and the small rules below resolution.
import t from 'tap';
import { dependencyHash, fileDependency } from '../../../../src/core/resolve/dependencyCollector.ts';
import { matchingDirectories } from '../../../../src/core/resolve/directoryPattern.ts';
import { explain } from '../../../../src/core/resolve/explain.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { pathBelow, treePath } from '../../../../src/core/resolve/treePath.ts';
import { matchesWildcard } from '../../../../src/core/resolve/wildcard.ts';
import { context, git, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';

t.test('files that exist and files that might are recorded, and so are labels and lists of directories', async (t) => {
  const key = 'git https://git.test/conf.git';
  const recorded = context({ [`${key}@master`]: tree('c1', { 'a.yml': 'spring.config.import=x/b.yml', 'x/b.yml': 'v=1' }) });
  resolveEnvironment(target('a', 'dev'), options([git({ searchPaths: ['t/*'] })]), recorded.context);
  const dependencies = new Set(recorded.dependencies);
  t.ok(dependencies.has(`label ${key} main`), 'the label that failed');
  t.ok(dependencies.has(`label ${key} master`));
  t.ok(dependencies.has(`directories ${key} master`));
  for (const path of ['a.yml', 'a.properties', 'application-dev.yaml', 'a-dev.xml', 'x/b.yml', 'x/b-dev.yml']) {
    t.ok(dependencies.has(fileDependency(key, 'master', path)), path);
  }
});

t.test('without wildcards no list of directories is read', async (t) => {
  const recorded = context({ 'native@': tree('r1', {}) });
  resolveEnvironment(target('a', 'dev'), options([native()]), recorded.context);
  t.notOk(recorded.dependencies.some((dependency) => dependency.startsWith('directories')));
  t.ok(recorded.dependencies.includes('file native  c/a.yml'));
});

t.test('the hash is FNV-1a with 32 bits', async (t) => {
  t.equal(dependencyHash(''), 0x811c9dc5);
  t.equal(dependencyHash('a'), 0xe40c292c);
  t.equal(dependencyHash('foobar'), 0xbf9cf968);
});

t.test('explain tells for each key which source won and what it hides', async (t) => {
  const recorded = context({ 'native@': tree('r7', { 'c/a.yml': 'k=low\nonly=1', 'c/a-dev.yml': 'x=0\n---\nk=high' }) });
  const overrides = new Map([['x', 'forced']]);
  const keys = explain(resolveEnvironment(target('a', 'dev'), options([native()], { overrides }), recorded.context));
  t.same(
    keys.map(({ key }) => key),
    ['x', 'k', 'only'],
  );
  t.match(keys[0], { winner: { source: 'overrides', path: null, line: null, revision: null, value: 'forced' }, hidden: [{ value: '0' }] });
  t.match(keys[1], {
    winner: { source: /document #1/, path: 'c/a-dev.yml', line: 2, revision: 'r7', value: 'high' },
    hidden: [{ path: 'c/a.yml', line: 1, value: 'low' }],
  });
  t.same(keys[2]?.hidden, []);
});

t.test('tree paths are cleaned and never leave the root', async (t) => {
  t.equal(treePath('//a/./b/../c/'), 'a/c');
  t.equal(treePath('a/../..'), null);
  t.equal(treePath('/'), '');
  t.equal(pathBelow('d', '../x'), null);
  t.equal(pathBelow('d', '/x'), 'd/x');
  t.equal(pathBelow('', 'x'), 'x');
  t.equal(pathBelow('d', '.'), null);
});

t.test('wildcards match as much as needed', async (t) => {
  for (const [pattern, text] of [
    ['*', ''],
    ['a*c', 'abbc'],
    ['*b*', 'abc'],
    ['a**', 'a'],
    ['bill*/dev', 'billing/x/dev'],
  ] as const)
    t.ok(matchesWildcard(pattern, text), pattern);
  for (const [pattern, text] of [
    ['a*c', 'abcd'],
    ['', 'a'],
    ['a', ''],
    ['*a', 'b'],
    ['a?', 'ab'],
  ] as const)
    t.notOk(matchesWildcard(pattern, text), pattern);
});

t.test('a hostile pattern costs no more than pattern times text', async (t) => {
  const startedAt = performance.now();
  t.notOk(matchesWildcard(`${'*a'.repeat(2_000)}b`, 'a'.repeat(4_000)));
  t.ok(performance.now() - startedAt < 2_000);
});

t.test('directory patterns keep stars inside a segment and double stars across', async (t) => {
  const directories = ['a', 'a/b', 'a/b/c', 'ab', 'x', 'x/b'];
  t.same(matchingDirectories('*', directories), ['a', 'ab', 'x']);
  t.same(matchingDirectories('a/**', directories), ['a/b', 'a/b/c']);
  t.same(matchingDirectories('**/b', directories), ['a/b', 'x/b']);
  t.same(matchingDirectories('a/**/c', directories), ['a/b/c']);
  t.same(matchingDirectories('a*', directories), ['a', 'ab']);
  t.same(matchingDirectories('**', directories), directories);
});
