// XML files: Java's properties format alone.
import t from 'tap';
import { failureOf, readRows } from './readDocuments.ts';

const doctype = '<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">';

function read(text: string | Uint8Array): unknown {
  return readRows('a.xml', text);
}

t.test('entries in document order, without origins; a repeated key has the first position and the last value', async (t) => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}
    <properties version="1.0"> <comment>why</comment> text <entry key="b">1</entry><entry key='a'/>
    <entry other="x" key="b"> 2 </entry></properties> <!-- end -->`;
  t.same(read(text), [
    [
      ['b', ' 2 ', null],
      ['a', '', null],
    ],
  ]);
});

t.test('a file without entries is an empty document', async (t) => {
  t.same(read(`${doctype}<properties/>`), [[]]);
  t.same(read(`${doctype}<properties></properties>`), [[]]);
});

t.test('references, CDATA, comments, instructions and line ends within values', async (t) => {
  const text = `${doctype}<properties><entry key="&lt;&#65;\t&#x9;">&amp;&quot;&apos;&gt;<![CDATA[<&>]]>\r\n<!-- c -->x<?p i?>&#128512;&unknown;</entry></properties>`;
  t.same(read(text), [[['<A \t', '&"\'><&>\nx😀', null]]]);
});

t.test('encodings by mark or declaration', async (t) => {
  const body = `${doctype}<properties><entry key="a">é</entry></properties>`;
  const expected = [[['a', 'é', null]]];
  t.same(read(body), expected);
  t.same(read(`\ufeff${body}`), expected);
  t.same(read(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${body}`, 'latin1')), expected);
  t.same(read(Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${body}`, 'utf16le')), expected);
  t.match(failureOf('a.xml', Buffer.from(body, 'latin1')), /^CONTENT_INVALID a\.xml:1:1: /);
  t.match(failureOf('a.xml', `<?xml version="1.0" encoding="x-odd"?>${body}`), /encoding x-odd is not supported/);
});

t.test('no other document type, no entities of its own, nothing external', async (t) => {
  const root = '<properties><entry key="a">&x;</entry></properties>';
  for (const head of [
    '',
    '<!DOCTYPE properties>',
    '<!DOCTYPE other SYSTEM "http://java.sun.com/dtd/properties.dtd">',
    '<!DOCTYPE properties SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE properties [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd" [<!ENTITY x "y">]>',
  ]) {
    t.match(failureOf('a.xml', head + root), /^CONTENT_INVALID a\.xml:1:1: <!DOCTYPE/, head);
  }
});

t.test('what is not well-formed or not of this format fails, at its place', async (t) => {
  for (const [body, place] of [
    ['<properties>', '2:13'],
    ['<properties><entry key="a">1</properties>', '2:29'],
    ['<properties><entry>1</entry></properties>', '2:20'],
    ['<properties><other/></properties>', '2:21'],
    ['<properties><entry key="a">1<b/></entry></properties>', '2:29'],
    ['<properties><comment>1<b/></comment></properties>', '2:23'],
    ['<properties><comment/><comment/></properties>', '2:33'],
    ['<properties><entry key="a">1 & 2</entry></properties>', '2:28'],
    ['<properties><entry key="a<">1</entry></properties>', '2:13'],
    ['<properties><entry key="a">&#x110000;</entry></properties>', '2:28'],
    ['<properties><!-- a -- b --></properties>', '2:28'],
    ['<properties><entry key="a"><![CDATA[x</entry></properties>', '2:28'],
    ['<properties/>x', '2:14'],
    ['<properties/><properties/>', '2:14'],
    ['<entry key="a">1</entry>', '2:16'],
  ] as const) {
    t.match(failureOf('a.xml', `${doctype}\n${body}`), new RegExp(`^CONTENT_INVALID a\\.xml:${place}: `), body);
  }
  t.match(failureOf('a.xml', `<?xml version="1.1"?>${doctype}<properties/>`), /^CONTENT_INVALID a\.xml:1:1: only XML 1\.0/);
});
