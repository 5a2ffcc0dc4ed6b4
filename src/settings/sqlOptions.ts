// The options of an SQL backend, alone or as an entry of backends.composite. (compatibility document 6.3)
import { boolean, duration, integer, secret, string } from './option.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const sqlUrl = {
  regex: /^(postgres|postgresql|mysql|mariadb):\/\/[^\s]+$|^sqlite:.+$/,
  says: 'postgres://host:port/database, mysql://…, mariadb://…, or sqlite:/path/to/file',
};

export const urlFacts = { rule: sqlUrl, changesAnswers: true, help: 'The database: postgres://, mysql:// or mariadb://host[:port]/database, or sqlite:path.' };

const column = (what: string, unsetMeans: string): ReturnType<typeof string<string | null>> =>
  string<string | null>(null, { changesAnswers: true, help: `Column of the ${what}, quoted as it is written.`, unsetMeans });

export const sqlBackend = {
  username: string(null, { help: 'User name for the database.' }),
  password: secret({ help: 'Password for the database.' }),
  table: string(null, {
    changesAnswers: true,
    help: 'Table or view of the properties, with a schema before a dot where there is one; quoted as it is written.',
    unsetMeans: 'PROPERTIES, properties in PostgreSQL',
  }),
  applicationColumn: column('application', 'APPLICATION, application in PostgreSQL'),
  profileColumn: column('profile; NULL where a row has none', 'PROFILE, profile in PostgreSQL'),
  labelColumn: column('label', 'LABEL, label in PostgreSQL'),
  keyColumn: column('key', 'KEY'),
  valueColumn: column('value', 'VALUE'),
  sql: string(null, {
    changesAnswers: true,
    help: 'Statement instead of a table: selects key and value, with a ? for application, profile and label, in this order.',
    unsetMeans: 'the table is read',
  }),
  sqlWithoutProfile: string(null, {
    changesAnswers: true,
    help: 'The same for what has no profile, with a ? for application and label.',
    unsetMeans: 'with sql, the profile default is asked for instead',
  }),
  defaultLabel: string(null, { changesAnswers: true, help: 'Label of requests without one.', unsetMeans: 'master' }),
  failOnError: boolean(true, { changesAnswers: true, help: 'Fail answers while the database was never read; false answers without it.' }),
  tls: boolean(false, { help: 'Encrypt the connection and check the certificate of the server.' }),
  caFile: string(null, { help: 'PEM file of the certificate authorities to trust, with tls.', unsetMeans: 'those of Node.js' }),
  skipSslValidation: boolean(false, { help: 'Accept any certificate of the server, with tls. For tests only.' }),
  poolSize: integer(2, 1, 20, { help: 'Connections to the database at most; PostgreSQL has one more for notifications.' }),
  connectTimeout: duration(5 * second, 100, minute, { help: 'Longest time until a connection is open.' }),
  statementTimeout: duration(10 * second, 100, hour, { help: 'Longest time of one statement.' }),
  pollInterval: duration(10 * second, 100, day, { help: 'Time between two looks at the database, for changes that nothing told.' }),
  maxStaleness: duration(minute, second, 30 * day, {
    help: 'Age of the last successful look from which answers carry x-vortex-stale and health is degraded.',
  }),
};
