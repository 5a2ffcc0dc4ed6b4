// YAML that grows or nests without bound ends in LIMIT_EXCEEDED, quickly and without exhausting the stack.
import t from 'tap';
import { failureOf, roomyLimits } from './readDocuments.ts';

const nodes = /^LIMIT_EXCEEDED a\.yml: .*yamlNodesMax/;
const depth = /^LIMIT_EXCEEDED a\.yml: .*nestingDepthMax/;

/** Ten levels, each of which repeats the one before ten times. */
function bomb(opening: string, item: (name: string, index: number) => string, closing: string): string {
  let text = `a0: &a0 ${opening}${item('x', 0)}${closing}\n`;
  for (let level = 1; level < 10; level += 1) {
    const items = Array.from({ length: 10 }, (_, index) => item(`*a${level - 1} `, index)).join(', ');
    text += `a${level}: &a${level} ${opening}${items}${closing}\n`;
  }
  return text;
}

t.test('a list bomb and a mapping bomb fail by nodes', async (t) => {
  const started = performance.now();
  t.match(
    failureOf(
      'a.yml',
      bomb('[', (name) => name, ']'),
    ),
    nodes,
  );
  t.match(
    failureOf(
      'a.yml',
      bomb('{', (name, index) => `k${index}: ${name}`, '}'),
    ),
    nodes,
  );
  t.ok(performance.now() - started < 2_000);
});

t.test('a bomb as a key fails too', async (t) => {
  const text = `d:\n${bomb('[', (name) => name, ']')
    .trimEnd()
    .replaceAll(/^/gm, '  ')}\n? *a9 \n: x\n`;
  t.match(failureOf('a.yml', text), /^LIMIT_EXCEEDED a\.yml: /);
});

t.test('a bomb of merges fails', async (t) => {
  const wide = `base: &base {${Array.from({ length: 300 }, (_, index) => `k${index}: 1`).join(', ')}}\n`;
  t.match(failureOf('a.yml', `${wide}all: {<<: [${'*base , '.repeat(400)}]}\n`), nodes);
});

t.test('written nodes count like repeated ones', async (t) => {
  const text = `l: [${'x, '.repeat(1_200)}]\n`;
  t.match(failureOf('a.yml', text, { ...roomyLimits, yamlNodesMax: 1_000 }), nodes);
  t.equal(failureOf('a.yml', text, { ...roomyLimits, yamlNodesMax: 1_300 }), '');
});

t.test('nesting fails by depth in every form', async (t) => {
  t.match(failureOf('a.yml', '['.repeat(100_000)), depth);
  t.match(failureOf('a.yml', '{a: '.repeat(100_000)), depth);
  t.match(failureOf('a.yml', `${'- '.repeat(100_000)}x\n`), depth);
  t.match(failureOf('a.yml', `${'? '.repeat(100_000)}x\n`), depth);
  const lines = Array.from({ length: 200 }, (_, level) => `${' '.repeat(level)}k:\n`).join('');
  t.match(failureOf('a.yml', lines), depth);
  t.equal(failureOf('a.yml', `${'['.repeat(50)}${']'.repeat(50)}`), '');
  t.match(failureOf('a.yml', `${'['.repeat(51)}x${']'.repeat(51)}`), depth);
});

t.test('depth that only aliases reach fails as well', async (t) => {
  let chain = 'a0: &a0 [x]\n';
  for (let link = 1; link < 20_000; link += 1) chain += `a${link}: &a${link} [*a${link - 1} ]\n`;
  t.match(failureOf('a.yml', chain), /^LIMIT_EXCEEDED/);
  t.match(failureOf('a.yml', `m:\n${chain.replace(/^/gm, ' ').trimEnd()}\n? *a19999 \n: x\n`), /^LIMIT_EXCEEDED/);
  let hidden = '';
  for (let link = 0; link < 5_000; link += 1) {
    hidden += `m${link}: {<<: {k: &a${link} [${link === 0 ? 'x' : `*a${link - 1} `}]}, k: 1}\n`;
  }
  t.match(failureOf('a.yml', `${hidden}z: *a4999\n`), /^LIMIT_EXCEEDED/);
});
