// The options of SQL backends: which fit each other, what is made of them, and which words have which meaning.
import t from 'tap';
import { backendEntries } from '../../../src/settings/backendEntries.ts';
import { resolutionOptions } from '../../../src/settings/resolutionOptions.ts';
import { parameterCount, withNumberedParameters } from '../../../src/settings/sqlStatement.ts';
import { parseSqlUrl } from '../../../src/settings/sqlUrl.ts';
import { problemLines, validSettings } from './resolveTexts.ts';

const url = 'VORTEX_BACKENDS_SQL_URL';

t.test('urls of three engines', async (t) => {
  t.same(parseSqlUrl('postgres://db.example:5433/config'), { engine: 'postgres', host: 'db.example', port: 5433, database: 'config' });
  t.same(parseSqlUrl('postgresql://db/c%20d'), { engine: 'postgres', host: 'db', port: 5432, database: 'c d' });
  t.same(parseSqlUrl('mysql://[::1]/config'), { engine: 'mysql', host: '::1', port: 3306, database: 'config' });
  t.same(parseSqlUrl('mariadb://db/config'), { engine: 'mysql', host: 'db', port: 3306, database: 'config' });
  t.same(parseSqlUrl('sqlite:data/config.db'), { engine: 'sqlite', path: 'data/config.db' });
  t.same(parseSqlUrl('sqlite:///srv/config.db'), { engine: 'sqlite', path: '/srv/config.db' });
});

t.test('a url that holds a password, parameters or no database is refused, and never repeated', async (t) => {
  for (const text of [
    'postgres://joe:hunter2@db/config',
    'postgres://db/config?password=hunter2',
    'mysql://hunter2',
    'oracle://hunter2/x',
    'postgres://db/a/b',
    'mysql://db/%zz',
  ]) {
    const problem = parseSqlUrl(text);
    t.type(problem, 'string', text);
    t.notMatch(problem, 'hunter2');
  }
  t.match(problemLines({ environment: { [url]: 'postgres://joe:hunter2@db/config' } }), [
    'environment VORTEX_BACKENDS_SQL_URL: backends.sql.url: a user name or password in the url would be logged; use username and password',
  ]);
});

t.test('one backend, or an entry of several whose default order is before the others', async (t) => {
  const alone = validSettings({ environment: { [url]: 'sqlite:a.db' } }).settings;
  t.match(backendEntries(alone), [{ id: 'sql', settings: { type: 'sql', url: 'sqlite:a.db', pollIntervalMs: 10_000 } }]);
  t.match(resolutionOptions(alone, '/work').backends, [{ kind: 'sql', repository: 'sql', content: 'table', failOnError: true }]);
  const yaml = `
backends:
  composite:
    - { type: native, search-locations: [/srv/c] }
    - { type: sql, url: 'postgres://db/config', sql: 'select k, v from t where a=? and p=? and l=?', default-label: main }
`;
  const several = resolutionOptions(validSettings({ yaml }).settings, '/work').backends;
  t.match(several, [{ kind: 'native' }, { kind: 'sql', repository: 'composite.1.sql', content: 'profileStatement', defaultLabel: 'main' }]);
  t.ok((several[1]?.order ?? 0) < (several[0]?.order ?? 0));
});

t.test('another database, table or statement is other content', async (t) => {
  const originOf = (environment: Record<string, string>): unknown => {
    const [backend] = resolutionOptions(validSettings({ environment }).settings, '/work').backends;
    return backend?.kind === 'sql' ? backend.origin : null;
  };
  const origins = [{ [url]: 'sqlite:a.db' }, { [url]: 'sqlite:b.db' }, { [url]: 'sqlite:a.db', VORTEX_BACKENDS_SQL_TABLE: 'x' }].map(originOf);
  t.equal(new Set(origins).size, 3);
});

t.test('options that contradict each other are refused, each with its reason', async (t) => {
  const problems = (more: Record<string, string>, own = 'postgres://db/config'): readonly string[] =>
    problemLines({ environment: { [url]: own, ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`VORTEX_BACKENDS_SQL_${name}`, text])) } });
  t.match(problems({ PASSWORD: 'x' }), [/password needs a username/]);
  t.match(problems({ USERNAME: 'x' }, 'sqlite:a.db'), [/an SQLite file has no users/]);
  t.match(problems({ TLS: 'true' }, 'sqlite:a.db'), [/needs no connection/]);
  t.match(problems({ TLS: 'true' }, 'mysql://[::1]/config'), [/is checked by name/]);
  t.match(problems({ CA_FILE: '/ca' }), [/caFile needs tls/]);
  t.match(problems({ SKIP_SSL_VALIDATION: 'true' }), [/skipSslValidation needs tls/]);
  t.match(problems({ TLS: 'true', CA_FILE: '/ca', SKIP_SSL_VALIDATION: 'true' }), [/makes caFile useless/]);
  t.match(problems({ SQL_WITHOUT_PROFILE: 'select ? ?' }), [/sqlWithoutProfile needs sql/]);
  t.match(problems({ SQL: 'select 1' }), [/it needs three \?/]);
  t.match(problems({ SQL: 'select ? ? ?', SQL_WITHOUT_PROFILE: 'select ?' }), [/it needs two \?/]);
  t.match(problems({ SQL: 'select ? ? ?', TABLE: 'x' }), [/sql is read instead of a table; table would mean nothing/]);
  t.match(problems({ POLL_INTERVAL: '2m' }), [/must be longer than pollInterval/]);
  t.match(problemLines({ environment: { VORTEX_BACKENDS_SQL_TABLE: 'x' } }), [/other options of backends.sql are set, but not its url/]);
  t.match(problems({}, 'oracle://x'), [/expected postgres:/]);
  t.match(problemLines({ environment: { [url]: 'sqlite:a.db', VORTEX_BACKENDS_GIT_URI: 'https://host/a.git' } }), [
    /backends.git.uri: backends.sql is set too/,
  ]);
  t.match(problemLines({ yaml: 'backends: { sql: { url: "sqlite:a.db" }, composite: [{ type: native }] }' }), [/backends.sql is set too/]);
  t.match(problemLines({ yaml: 'backends: { composite: [{ type: sql, table: x }] }' }), [/the entry has no url/]);
});

t.test('a ? in a text, a name or a comment is no parameter', async (t) => {
  const statement = `select "a?", 'it''s ?', \`b?\` -- ?\n from /* ? */ t where x = ? and y=?`;
  t.equal(parameterCount(statement), 2);
  t.equal(withNumberedParameters(statement), `select "a?", 'it''s ?', \`b?\` -- ?\n from /* ? */ t where x = $1 and y=$2`);
});
