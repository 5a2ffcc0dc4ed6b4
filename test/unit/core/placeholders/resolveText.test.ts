// Placeholders in whole texts: plain-text files and the .properties format.
import t from 'tap';
import { resolveText } from '../../../../src/core/placeholders/resolveText.ts';
import { environment, flat, type Entries } from '../../../fixtures/renderFixture.ts';
import { codeOf } from '../../../fixtures/resolveFixture.ts';

const zone: Entries = [
  ['host', 'db.test'],
  ['port', 5432n],
  ['ratio', 100],
  ['on', true],
  ['empty', ''],
  ['url', 'pg://${host}:${port}'],
  ['which', 'host'],
  ['l[1]', 'second'],
  ['odd:key', 'whole'],
  ['unknown', '<${nope}>'],
  ['quoted', '\\${host}'],
  [' host ', 'blanks'],
];

const resolve = (text: string): string => resolveText(text, environment(zone));

t.test('values are found by exact key, in their text form, and resolved in turn', async (t) => {
  t.equal(resolve('${host} ${port} ${ratio} ${on} [${empty}] ${l[1]} ${l}'), 'db.test 5432 100.0 true [] second ${l}');
  t.equal(resolve('${url}/x'), 'pg://db.test:5432/x');
  t.equal(resolveText('${a}', environment([['a', 'high']], [['a', 'low']])), 'high');
});

t.test('a default follows the first colon, unless the whole text is a key', async (t) => {
  t.equal(resolve('${nope:a:b} ${nope:} ${host:x} ${empty:x}'), 'a:b  db.test ');
  t.equal(resolve('${odd:key} ${odd\\:key} ${odd:other}'), 'whole whole other');
});

t.test('placeholders nest in keys and in defaults', async (t) => {
  t.equal(resolve('${${which}} ${nope:${host}} ${nope:<${nope2:${port}}>} ${${nope}:d} ${o${nope:n}}'), 'db.test db.test <5432> d true');
  t.equal(resolve('${nope:${nope2}} ${${nope}}'), '${nope2} ${${nope}}');
});

t.test('what is unknown or no placeholder stays', async (t) => {
  for (const text of ['${nope}', '${}', '${host', '${{host}}', '$host', '{host}', '#{host}', '${a {b}', '']) t.equal(resolve(text), text);
  t.equal(resolve('$${host} ${host}} {${host}} ${x${host}'), '$db.test db.test} {db.test} ${xdb.test');
  t.equal(resolve('${unknown}'), '<${nope}>', 'also in a value');
});

t.test('blanks inside the braces count', async (t) => {
  t.equal(resolve('${ host } ${ port } ${host :x}'), 'blanks ${ port } x');
});

t.test('an open placeholder swallows lines up to the brace that closes it', async (t) => {
  t.equal(resolve('a=${nope:x\nb=${host}\n}c'), 'a=x\nb=db.test\nc');
});

t.test('one or two backslashes keep a placeholder as it is', async (t) => {
  t.equal(resolve('\\${host} \\\\${host} \\\\\\${host} \\x ${host}\\'), '${host} ${host} \\${host} \\x db.test\\');
  t.equal(resolve('${quoted}'), '${host}', 'one in a value too');
  t.equal(resolve('$_{host}'), '${host}', 'the mark that the original uses inside');
  t.equal(resolve('${odd\\:none}'), '${odd:none}', 'a colon loses its backslash');
});

t.test('a reference to itself fails, with another code for the flat formats', async (t) => {
  const circle = environment([
    ['a', '${b}'],
    ['b', 'x${a:default}'],
    ['self', '${self:x}'],
    ['twice', '${host} ${host}'],
    ['host', 'h'],
  ]);
  const code = (text: string): string => codeOf(() => resolveText(text, circle));
  t.equal(code('${a}'), 'RESOURCE_PLACEHOLDER_CIRCULAR');
  t.equal(code('${self}'), 'RESOURCE_PLACEHOLDER_CIRCULAR');
  t.equal(code('${nope:${b}}'), 'RESOURCE_PLACEHOLDER_CIRCULAR');
  t.equal(code('${twice} ${twice}'), 'no failure', 'twice the same is no circle');
  t.equal(
    codeOf(() => flat(circle, 'properties')),
    'PLACEHOLDER_CIRCULAR',
  );
});

t.test('.properties is resolved as one text, keys included', async (t) => {
  const sources = environment([
    ['name', 'n'],
    ['${name}.key', '${name}'],
    ['open', '${nope:'],
    ['close', '}'],
  ]);
  t.equal(flat(sources, 'properties'), 'name: n\nn.key: n\nopen: \nclose: ');
  t.equal(flat(sources, 'properties', { resolvePlaceholders: false }), 'name: n\n${name}.key: ${name}\nopen: ${nope:\nclose: }');
  const escaped = environment([['e', '\\${x}']]);
  t.equal(flat(escaped, 'properties'), 'e: ${x}');
  t.equal(flat(escaped, 'properties', { resolvePlaceholders: false }), 'e: \\${x}', 'backslashes stay when nothing is resolved');
});

/** Each line doubles the one before. */
function doubling(leaf: string): Entries {
  return [['x0', leaf], ...Array.from({ length: 18 }, (_, index) => [`x${index + 1}`, `\${x${index}}\${x${index}}`] as const)];
}

t.test('what placeholders make of a text is bounded', async (t) => {
  const limits = { nestingDepthMax: 20, bodyBytesMax: 100_000 };
  const code = (text: string, entries: Entries): string => codeOf(() => resolveText(text, environment(entries), limits));
  t.equal(code('${x18}', doubling('x')), 'LIMIT_EXCEEDED', 'characters');
  t.equal(code('${x8}', doubling('x')), 'no failure');
  t.equal(
    codeOf(() => resolveText('${x18}${x18}', environment(doubling('')))),
    'LIMIT_EXCEEDED',
    'number of placeholders, even if they are empty, with the limits of the process',
  );
  t.equal(code(`${'${'.repeat(30)}x0${'}'.repeat(30)}`, doubling('x')), 'LIMIT_EXCEEDED', 'placeholders in placeholders');
  const chain: Entries = Array.from({ length: 30 }, (_, index) => [`c${index}`, `\${c${index + 1}}`] as const);
  t.equal(code('${c0}', chain), 'LIMIT_EXCEEDED', 'values in values');
  t.equal(code('${c15}', chain), 'no failure');
});

t.test('a text full of open placeholders takes linear time', async (t) => {
  const text = '${'.repeat(200_000);
  const started = process.cpuUsage();
  t.equal(resolve(text), text);
  t.ok(process.cpuUsage(started).user < 2_000_000, 'microseconds');
});
