// Types of YAML scalars: YAML 1.1 without timestamps.
import t from 'tap';
import { failureOf, yamlEntries, yamlErrorAt } from './readDocuments.ts';
import type { Value } from '../../../../src/model/value.ts';

function valueOf(text: string): Value | undefined {
  return yamlEntries(`k: ${text}\n`)[0]?.[1];
}

t.test('words of truth in three spellings are booleans, others are strings', async (t) => {
  for (const word of ['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']) t.equal(valueOf(word), true, word);
  for (const word of ['false', 'False', 'FALSE', 'no', 'No', 'NO', 'off', 'Off', 'OFF']) t.equal(valueOf(word), false, word);
  for (const word of ['y', 'N', 'tRUE', 'yES', 'oFF', 't']) t.equal(valueOf(word), word);
});

t.test('null in all its forms is an empty string', async (t) => {
  for (const word of ['~', 'null', 'Null', 'NULL', '']) t.equal(valueOf(word), '', word);
  t.equal(valueOf('nULL'), 'nULL');
  t.equal(valueOf('"~"'), '~');
});

t.test('integers keep every digit and know four bases and base 60', async (t) => {
  t.equal(valueOf('0'), 0n);
  t.equal(valueOf('-5'), -5n);
  t.equal(valueOf('+1_2__3'), 123n);
  t.equal(valueOf('98765432109876543210987654321'), 98765432109876543210987654321n);
  t.equal(valueOf('0644'), 420n);
  t.equal(valueOf('-017'), -15n);
  t.equal(valueOf('0xBeef'), 48879n);
  t.equal(valueOf('-0x_1'), -1n);
  t.equal(valueOf('0b1_01'), 5n);
  t.equal(valueOf('2:15'), 135n);
  t.equal(valueOf('-1:00:01'), -3601n);
  t.equal(valueOf('99999999999:00'), -69312572n);
});

t.test('what only looks like an integer is a string', async (t) => {
  for (const text of ['0o17', '08', '1:60', '0x', '0b2', '_1', '1-2', '+', '1,000', '1.2.3']) t.equal(valueOf(text), text);
  t.equal(valueOf('1'.repeat(1_024)), BigInt('1'.repeat(1_024)));
  t.equal(valueOf('1'.repeat(1_025)), '1'.repeat(1_025));
});

t.test('floats need a point or an exponent', async (t) => {
  for (const [text, value] of [
    ['1.0', 1],
    ['1.', 1],
    ['.25', 0.25],
    ['-.25', -0.25],
    ['2e3', 2_000],
    ['2.5E-3', 0.0025],
    ['1_0.2_5', 10.25],
    ['08.5', 8.5],
    ['1:30.5', 90.5],
    ['-0.0', -0],
    ['.inf', Infinity],
    ['-.INF', -Infinity],
    ['1e999', Infinity],
  ] as const) {
    t.equal(valueOf(text), value, text);
    t.type(valueOf(text), 'number');
  }
  for (const text of ['.nan', '.NaN', '.NAN']) t.ok(Number.isNaN(valueOf(text)), text);
  for (const text of ['e3', '.e3', '1e', '1e+', '.in', '+.nan', '1e5_']) t.equal(valueOf(text), text);
});

t.test('a point and nothing but underscores has the form of a number and is none', async (t) => {
  t.equal(yamlErrorAt('k: ._\n'), '1:4');
});

t.test('dates and times are strings as written', async (t) => {
  for (const text of ['2025-03-09', '2025-03-09T10:11:12Z', '2025-03-09 10:11:12.5 +02:00']) t.equal(valueOf(text), text);
});

t.test('quoted and block scalars are strings', async (t) => {
  t.equal(valueOf('"12"'), '12');
  t.equal(valueOf("'yes'"), 'yes');
  t.equal(valueOf('|-\n  12'), '12');
});

t.test('standard tags decide on the type', async (t) => {
  t.equal(valueOf('!!str 12'), '12');
  t.equal(valueOf('!!str'), '');
  t.equal(valueOf('!!int "0x10"'), 16n);
  t.equal(valueOf('!!float 3'), 3);
  t.equal(valueOf('!!float "2.5d"'), 2.5);
  t.equal(valueOf('!!bool "OFF"'), false);
  t.equal(valueOf('!!bool maybe'), '');
  t.equal(valueOf('!!null x'), '');
  t.equal(valueOf('!<tag:yaml.org,2002:str> 12'), '12');
  t.equal(valueOf('! "12"'), 12n);
  t.same(valueOf('!!binary "AAEC\n  /w=="'), new Uint8Array([0, 1, 2, 255]));
  t.same(valueOf('!!binary AAE'), new Uint8Array([0, 1]));
});

t.test('a tag that does not fit its value or is not known fails', async (t) => {
  for (const text of [
    '!!int x',
    '!!int ""',
    '!!int "08"',
    '!!float x',
    '!!binary A',
    '!!binary AA=',
    '!!binary "?"',
    '!!str [a]',
    '!!seq {a: b}',
    '!!map [a]',
    '!!set [a]',
    '!!omap {a: b}',
    '!!omap [a]',
    '!own x',
    '!!java.io.File x',
    '!!timestamp 2025-03-09',
    '!e!x y',
    '!!merge x',
    '<<',
  ]) {
    t.equal(yamlErrorAt(`k: ${text}\n`), text === '!!omap [a]' ? '1:12' : '1:4', text);
  }
});

t.test('a tagged integer has a length that can be read in time', async (t) => {
  t.match(failureOf('a.yml', `k: !!int "${'1'.repeat(100_001)}"`), /^CONTENT_INVALID a\.yml:1:4: an integer of more than/);
});

t.test('a declared tag handle stands for its prefix in the rest of the file, and is declared once', async (t) => {
  t.same(yamlEntries('%TAG !y! tag:yaml.org,2002:\n---\nk: !y!str 12\n'), [['k', '12']]);
  t.equal(yamlErrorAt('%TAG !y! tag:yaml.org,2002:\n%TAG !y! tag:x:\n---\nk: v\n'), '2:1');
  t.equal(yamlErrorAt('%TAG !y! tag:x:\n---\nk: v\n...\n%TAG !y! tag:x:\n---\nk: v\n'), '5:1');
});
