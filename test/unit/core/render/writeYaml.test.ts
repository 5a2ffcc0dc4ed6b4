// The YAML that the .yml format shows: structure, styles of scalars, folding, the stripped document.
import t from 'tap';
import { environment, flat, yaml } from '../../../fixtures/renderFixture.ts';
import { codeOf } from '../../../fixtures/resolveFixture.ts';

/** How a string is shown behind `k: `. */
function shown(value: string): string {
  return yaml(['k', value]).slice(3, -1);
}

t.test('objects are indented by two, dashes of a list below its name are not', async (t) => {
  t.equal(
    yaml(['a.b', 1n], ['l[0]', 'x'], ['l[1].k', 1n], ['l[1].m[0]', 2n], ['l[2][0]', 'y'], ['l[2][1][0]', 'z'], ['l[4]', 'end']),
    ['a:', '  b: 1', 'l:', '- x', '- k: 1', '  m:', '  - 2', '- - y', '  - - z', '- null', '- end', ''].join('\n'),
  );
  t.equal(yaml(), '{}\n');
});

t.test('numbers and booleans are plain, doubles the Java way', async (t) => {
  t.equal(
    yaml(['i', 12345678901234567890n], ['d', 3], ['e', 2.5e9], ['s', 1e-5], ['t', true], ['p', Infinity], ['m', -Infinity], ['n', NaN], ['z', -0]),
    'i: 12345678901234567890\nd: 3.0\ne: 2.5E9\ns: 1.0E-5\nt: true\np: .inf\nm: -.inf\nn: .NaN\nz: -0.0\n',
  );
});

t.test('strings are plain where nothing else could be meant', async (t) => {
  const plain = [
    ['word', 'two words', 'a  b', 'a#b', 'a:b', 'a :b', '-x', '--', '?x', ':x', '=', '=x', '<', '<<<', 'y', 'N', 'tRUE', 'nil'],
    ['a,b', 'x, y', 'a]', 'a}', 'C:\\dir', 'https://h.test:80/p?q=1&r#s', '1.2.3', '1 2', '09a', '+09', '-08', '0o7', '0xg', '0b2', '_1', '1-2'],
    ['12:60', '7:8:99', '2024-1-1', '2024-01', '1e', 'e1', '.', '..', '.a', '~x', '$x', '(x)', '^', '/', '\\n', "it's", 'say "x"'],
    ['é', '日本', '🚀', '\ufeffx', '+', '-.', '1__a'],
  ].flat();
  for (const text of plain) t.equal(shown(text), text, text);
});

t.test('strings that read as another type are single-quoted', async (t) => {
  const other = [
    ['', '~', 'null', 'Null', 'NULL', 'true', 'False', 'YES', 'no', 'On', 'off', '0', '12', '-5', '+5', '1_000', '0x1f', '-0b11', '017', '5:30', '1:2:3'],
    ['1.5', '1.', '.5', '-.5', '2e7', '1.5E-3', '.inf', '-.INF', '.nan', '1:30.5', '<<', '2024-01-02', '2024-1-2T3:04:05', '2024-01-02 03:04:05.6 +1:00'],
  ].flat();
  for (const text of other) t.equal(shown(text), `'${text}'`, text);
  for (const text of ['0815', '00', '0_8', '089_1']) t.equal(shown(text), `'${text}'`, `${text}: zero-padded`);
});

t.test('strings that would break the syntax are single-quoted, their quotes doubled', async (t) => {
  const breaking = [
    [' a', 'a ', ' ', 'a: b', 'a:', ':', ': a', 'a #b', '#a', '- a', '-', '? a', '?', '*a', '&a', '!a', '!', '%a', '@a', '`a', '|', '>a', '{a', '}a'],
    ['[a', ']a', ',a', '"a"', '---', '---a', '...', '...a', '{}', '[]'],
  ].flat();
  for (const text of breaking) t.equal(shown(text), `'${text}'`, text);
  t.equal(shown("'a' b"), "'''a'' b'");
});

t.test('several lines become a literal block', async (t) => {
  t.equal(shown('a\nb'), '|-\n  a\n  b');
  t.equal(shown('a\nb\n'), '|\n  a\n  b');
  t.equal(shown('a\n\n'), '|+\n  a\n');
  t.equal(shown('\n'), '|2+\n');
  t.equal(shown('  a\nb'), '|2-\n    a\n  b');
  t.equal(shown('\na\n  b\n'), '|2\n\n  a\n    b');
  t.equal(shown('a: 1\n# b'), '|-\n  a: 1\n  # b');
  t.equal(yaml(['k', 'a\u2028b\u0085']), 'k: |\n  a\u2028  b\u0085', 'line ends of other kinds stay what they are');
  t.equal(yaml(['l[0].k', 'x\ny\n'], ['l[1]', 'z\n']), 'l:\n- k: |\n    x\n    y\n- |\n  z\n');
});

t.test('what no other style can hold is double-quoted', async (t) => {
  t.equal(shown('a\tb'), '"a\\tb"');
  t.equal(shown('a\r\nb'), '"a\\r\\nb"');
  t.equal(shown('a \nb'), '"a \\nb"', 'a blank before a line end');
  t.equal(shown('a\nb '), '"a\\nb "', 'a blank at the end of several lines');
  t.equal(shown('é\t"\\\u00a0\u2029🚀'), '"é\\t\\"\\\\\\_\\P🚀"');
});

t.test('control characters make a string binary, bytes are binary anyway', async (t) => {
  t.equal(shown('\u001b[0m'), '!!binary |-\n  G1swbQ==');
  t.equal(shown('é\u0000'), '!!binary |-\n  w6kA');
  t.equal(yaml(['k', new Uint8Array([1, 2, 3])], ['e', new Uint8Array()]), 'k: !!binary |-\n  AQID\ne: !!binary ""\n');
  t.equal(yaml(['a\u0007', 'v']), '!!binary "YQc=": v\n');
  t.equal(
    codeOf(() => yaml(['k', '\ud83d'])),
    'CONTENT_INVALID',
    'half of a pair is no text',
  );
});

t.test('long lines are folded at single blanks behind column 80', async (t) => {
  const seven = 'lorem ipsum '.repeat(7).trim();
  t.equal(shown(`${seven} ${seven} dolor`), `${seven}\n  ${seven}\n  dolor`, 'the word that passes the column is still on the line');
  t.equal(shown('x'.repeat(200)), 'x'.repeat(200), 'no blank, no fold');
  const gaps = `${'x'.repeat(90)}  y`;
  t.equal(shown(gaps), gaps, 'two blanks stay together');
  t.equal(shown(`${'x'.repeat(90)} y`), `${'x'.repeat(90)}\n  y`);
  t.equal(shown(`#${'x'.repeat(90)} y `), `'#${'x'.repeat(90)}\n  y '`);
  t.equal(shown(`${'x'.repeat(90)}: y `), `'${'x'.repeat(90)}:\n  y '`);
  t.equal(shown(`${'x'.repeat(90)} `), `'${'x'.repeat(90)} '`, 'not at the last blank');
  t.equal(shown(`\t${'x'.repeat(90)} y`), `"\\t${'x'.repeat(90)}\\\n  \\ y"`, 'with a backslash in double quotes');
  t.equal(shown(`a\n${'y '.repeat(60)}y`), `|-\n  a\n  ${'y '.repeat(60)}y`, 'never in a block');
});

t.test('names are quoted like values, but never folded or broken', async (t) => {
  t.equal(yaml(['8080', 1n], ['yes', 2n], ['a: b', 3n], ["it's", 4n]), "'8080': 1\n'yes': 2\n'a: b': 3\nit's: 4\n");
  const words = `${'w '.repeat(50)}w`;
  t.equal(yaml([words, 1n]), `${words}: 1\n`);
});

t.test('a name that is empty, long or of several lines gets a question mark', async (t) => {
  t.equal(yaml(['', 1n]), "? ''\n: 1\n");
  t.equal(yaml(['x'.repeat(122), 1n]), `${'x'.repeat(122)}: 1\n`);
  t.equal(yaml(['x'.repeat(123), 1n]), `? ${'x'.repeat(123)}\n: 1\n`);
  t.equal(yaml(['a\nb.k', 1n]), '? |-\n  a\n  b\n: k: 1\n');
  t.equal(yaml([`${'x'.repeat(123)}[0]`, 1n], [`${'x'.repeat(123)}[1].k`, 2n]), `? ${'x'.repeat(123)}\n: - 1\n  - k: 2\n`);
});

t.test('of a lone document only the value is written, as a string unless it is a list', async (t) => {
  t.equal(yaml(['document', 'some text']), 'some text\n');
  t.equal(yaml(['document', 'a\nb\n']), '|\n  a\n  b\n');
  t.equal(yaml(['document', 7n]), "'7'\n");
  t.equal(yaml(['document', 1e9]), "'1.0E9'\n");
  t.equal(yaml(['document', false]), "'false'\n");
  t.equal(yaml(['document[0]', 7n], ['document[1].k', 'v']), '- 7\n- k: v\n');
  t.equal(yaml(['document.k', 7n], ['document.l[0]', 8n]), '!!str\nk: 7\nl:\n- 8\n');
  t.equal(yaml(['document', 'x'], ['other', 'y']), 'document: x\nother: y\n');
  t.equal(flat(environment([['document', 7n]]), 'yml', { stripDocumentFromYaml: false }), 'document: 7\n');
  t.equal(flat(environment([['document', 7n]]), 'json'), '{"document":7}');
});

t.test('the answer stops growing at its limit, indentation included', async (t) => {
  const deep = Array.from({ length: 100 }, (_, index) => [`${'a.'.repeat(19)}k${index}`, 1n] as const);
  t.equal(
    codeOf(() => flat(environment(deep), 'yml', { limits: { bodyBytesMax: 4000 } })),
    'LIMIT_EXCEEDED',
  );
  t.ok(flat(environment(deep), 'yml').length > 4000);
});
