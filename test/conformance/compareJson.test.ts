// The comparer passes what the corpus calls equal and fails on everything else. (corpus README 6)
import t from 'tap';
import { compareJson } from './compareJson.ts';
import { parseJsonTree } from './jsonTree.ts';

const ordered = { unordered: false };

function source(name: string): string {
  return JSON.stringify({ propertySources: [{ name, source: {} }] });
}

const equalPairs: readonly (readonly [name: string, expected: string, actual: string])[] = [
  ['blanks do not count', '{"a":[1,true,null]}', ' { "a" : [ 1 , true , null ] }\n'],
  ['an escaped slash and escaped letters are the same text', '{"a":"/ü"}', '{"a":"\\/\\u00fc"}'],
  ['another spelling of a floating-point value', '[1.0E10,2.0]', '[1e10,2.00]'],
  ['integers of any size', '[123456789012345678901234567890]', '[123456789012345678901234567890]'],
  [
    'the working copy in the name of a Git source',
    source("/r/Config resource 'file [/w/x/a.yml' via location 'x/' (document #0)"),
    source("/r/Config resource 'file [/other/dir/x/a.yml' via location 'x/' (document #0)"),
  ],
  ['keys of the source named overrides in any order', '{"name":"overrides","source":{"a":1,"b":2}}', '{"name":"overrides","source":{"b":2,"a":1}}'],
];

const differentPairs: readonly (readonly [name: string, expected: string, actual: string, report: RegExp])[] = [
  ['order of keys', '{"a":1,"b":2}', '{"b":2,"a":1}', /^\$: key 1 is "b", expected "a"$/],
  ['order of keys that look like numbers', '{"8080":1,"a":2,"80":3}', '{"80":3,"8080":1,"a":2}', /key 1 is "80"/],
  ['order of an array', '[1,2]', '[2,1]', /^\$\[0\]: expected the number 1, got the number 2$/],
  ['a missing key', '{"a":1,"b":2}', '{"a":1}', /^\$\.b: missing, expected the number 2$/],
  ['a further key', '{"a":1}', '{"a":1,"b.c":2}', /key "b\.c" is not expected/],
  ['a further element', '[1]', '[1,"x"]', /^\$\[1\]: not expected: "x"$/],
  ['an integer for a floating-point number', '[2.0]', '[2]', /number 2\.0, got the number 2$/],
  ['a floating-point number for an integer', '[2]', '[2.0]', /number 2, got the number 2\.0$/],
  ['a lost digit', '[9007199254740993]', '[9007199254740992]', /9007199254740993/],
  ['a text for a number', '{"a":{"b":1}}', '{"a":{"b":"1"}}', /^\$\.a\.b: expected the number 1, got "1"$/],
  ['null for an empty text', '[""]', '[null]', /expected "", got null/],
  ['no JSON', '[1]', '[1,]', /^the body is no JSON: no JSON value at offset 3/],
  ['text after the value', '[1]', '[1] x', /text after the value/],
  [
    'the name of a native source',
    source("Config resource 'file [/r/a.yml]' via location 'file:/r/' (document #0)"),
    source("Config resource 'file [/s/a.yml]' via location 'file:/r/' (document #0)"),
    /\/s\/a\.yml/,
  ],
  [
    'another file of a Git source',
    source("/r/Config resource 'file [/w/x/a.yml' via location 'x/' (document #0)"),
    source("/r/Config resource 'file [/w/x/b.yml' via location 'x/' (document #0)"),
    /b\.yml/,
  ],
  [
    'another directory of a Git source',
    source("/r/Config resource 'file [/w/x/a.yml' via location 'x/' (document #0)"),
    source("/r/Config resource 'file [/w/a.yml' via location 'x/' (document #0)"),
    /\/w\/a\.yml/,
  ],
  [
    'another document of a Git source',
    source("/r/Config resource 'file [/w/a.yml' via location '' (document #0)"),
    source("/r/Config resource 'file [/w/a.yml' via location '' (document #1)"),
    /#1/,
  ],
];

for (const [name, expected, actual] of equalPairs) {
  t.test(`equal: ${name}`, async (t) => {
    t.equal(compareJson(expected, actual, ordered), null);
  });
}

for (const [name, expected, actual, report] of differentPairs) {
  t.test(`different: ${name}`, async (t) => {
    t.match(compareJson(expected, actual, ordered), report);
  });
}

t.test('unordered: keys may come in any order, elements and values not', async (t) => {
  const unordered = { unordered: true };
  t.equal(compareJson('{"a":{"x":1,"y":2},"b":2}', '{"b":2,"a":{"y":2,"x":1}}', unordered), null);
  t.match(compareJson('{"a":1,"b":2}', '{"b":2,"a":2}', unordered), /\$\.a/);
  t.match(compareJson('[1,2]', '[2,1]', unordered), /\$\[0\]/);
});

t.test('the parser keeps repeated keys, their order and the spelling of numbers', async (t) => {
  t.same(parseJsonTree('{"b":1.50,"1":"\\u0041\\n","b":[]}'), {
    kind: 'object',
    members: [
      { key: 'b', value: { kind: 'number', token: '1.50' } },
      { key: '1', value: { kind: 'string', value: 'A\n' } },
      { key: 'b', value: { kind: 'array', items: [] } },
    ],
  });
  for (const wrong of ['', '{', '{"a"}', '[1 2]', '"\u0001"', '01', '+1', 'nul', '{a:1}']) t.throws(() => parseJsonTree(wrong), SyntaxError, wrong);
});
