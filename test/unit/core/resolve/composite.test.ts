// Several backends: order, failures, and what a composite does not report.
import t from 'tap';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { codeOf, context, git, native, names, options, target, tree } from '../../../fixtures/resolveFixture.ts';

const lookups = {
  'n1@': tree('r1', { 'c/a.yml': 'v=1' }),
  'n2@': tree('r2', { 'd/a.yml': 'v=2' }),
  'git https://git.test/conf.git@main': tree('c1', { 'a.yml': 'v=3' }),
};
const first = native({ repository: 'n1', version: 'x' });
const second = native({ repository: 'n2', searchLocations: ['file:/d'] });

t.test('sources are concatenated by order, ties as declared; version and state are null', async (t) => {
  const environment = resolveEnvironment(target('a', 'x'), options([first, second, git({ order: -1 })]), context(lookups).context);
  t.same(names(environment), ['https://git.test/conf.git/a.yml', 'a.yml', 'file:/d/a.yml']);
  t.match(environment, { version: null, state: null });
});

t.test('a failing member fails the request, or is left out when that is tolerated', async (t) => {
  const backends = [first, git()];
  t.equal(
    codeOf(() => resolveEnvironment(target('a', 'x', 'none'), options(backends), context(lookups).context)),
    'LABEL_UNKNOWN',
  );
  const tolerant = resolveEnvironment(target('a', 'x', 'none'), options(backends, { failOnCompositeError: false }), context(lookups).context);
  t.same(names(tolerant), ['a.yml']);
  t.equal(tolerant.version, null, 'the only one left does not report its version');
});

t.test('a single backend always fails', async (t) => {
  const single = options([git()], { failOnCompositeError: false });
  t.equal(
    codeOf(() => resolveEnvironment(target('a', 'x', 'none'), single, context(lookups).context)),
    'LABEL_UNKNOWN',
  );
});
