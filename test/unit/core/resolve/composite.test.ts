// Several backends: order, failures, and what a composite does not report.
import t from 'tap';
import type { Failure } from '../../../../src/model/failure.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { codeOf, context, git, native, names, options, target, tree } from '../../../fixtures/resolveFixture.ts';

const gitKey = 'git https://git.test/conf.git';
const lookups = {
  'n1@': tree('r1', { 'c/a.yml': 'v=1' }),
  'n2@': tree('r2', { 'd/a.yml': 'v=2' }),
  [`${gitKey}@main`]: tree('c1', { 'a.yml': 'v=3' }),
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

const broken = tree('c2', { 'a.yml': 'broken' });
const whole = tree('c1', { 'a.yml': 'v=3' });

function standingIn(
  lookup: Parameters<typeof context>[0],
  settings: Parameters<typeof options>[1] = {},
): { readonly sources: readonly string[]; readonly standIns: readonly string[] } {
  const standIns: string[] = [];
  const resolving = {
    ...context(lookup).context,
    onStandIn: (failure: Failure, labels: readonly { readonly label: string }[]) => {
      standIns.push(`${failure.code} ${labels.map(({ label }) => label).join(',')}`);
    },
  };
  const environment = resolveEnvironment(target('a', 'x'), options([first, git()], settings), resolving);
  return { sources: environment.propertySources.map(({ name, properties }) => `${name} ${String(properties.get('v')?.value)}`), standIns };
}

t.test('a member whose content is broken answers from its former content, tolerant or not', async (t) => {
  for (const failOnCompositeError of [true, false]) {
    const lookup = { ...lookups, [`${gitKey}@main`]: broken, [`${gitKey}@main, before`]: whole };
    t.strictSame(standingIn(lookup, { failOnCompositeError }), {
      sources: ['file:/c/a.yml 1', 'https://git.test/conf.git/a.yml 3'],
      standIns: ['CONTENT_INVALID main'],
    });
  }
});

t.test('former content comes before another branch, unless that one answered in its place before', async (t) => {
  const master = tree('m1', { 'a.yml': 'v=4' });
  const now = { ...lookups, [`${gitKey}@main`]: broken, [`${gitKey}@master`]: master };
  t.match(standingIn({ ...now, [`${gitKey}@main, before`]: whole }), { sources: [/ 1$/, / 3$/], standIns: [String] });
  const brokenBefore = tree('c0', { 'a.yml': 'broken too' });
  t.match(standingIn({ ...now, [`${gitKey}@main, before`]: brokenBefore }), { sources: [/ 1$/, / 4$/], standIns: [] });
});

t.test('a label that is gone is no broken content: upstream decides', async (t) => {
  const lookup = { 'n1@': lookups['n1@'], [`${gitKey}@main, before`]: whole };
  t.strictSame(standingIn(lookup, { failOnCompositeError: false }), { sources: ['file:/c/a.yml 1'], standIns: [] });
  t.equal(
    codeOf(() => standingIn(lookup)),
    'LABEL_UNKNOWN',
  );
});

t.test('without former content a broken member fails the request, or is left out and told', async (t) => {
  const lookup = { ...lookups, [`${gitKey}@main`]: broken };
  t.match(
    codeOf(() => standingIn(lookup)),
    /LABEL_UNKNOWN/,
    'that of master, which counts',
  );
  const told: string[] = [];
  const resolving = { ...context(lookup).context, onPassedOver: (failure: Failure) => told.push(failure.code) };
  t.same(names(resolveEnvironment(target('a', 'x'), options([first, git()], { failOnCompositeError: false }), resolving)), ['a.yml']);
  t.strictSame(told, ['CONTENT_INVALID', 'LABEL_UNKNOWN']);
});
