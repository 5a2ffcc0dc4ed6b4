// The JSON schema of the settings file agrees with the loader.
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parseDocument } from 'yaml';
import { settingsSchema } from '../../../src/settings/settingsSchema.ts';
import { problemLines } from './resolveTexts.ts';

const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(settingsSchema());

function fits(yaml: string): boolean {
  return validate(parseDocument(yaml).toJS());
}

t.test('good files pass the schema and the loader', async (t) => {
  for (const yaml of [
    'server:\n',
    'server: { port: 0, workers: 4, prefix: /config, drain: { timeout: 1m30s }, limits: { fileBytesMax: 1MiB, url-bytes-max: 4096 } }\n',
    'cache: { enabled: false, ttl-seconds: 60 }\nlogging: { level: debug, access: { sampleRate: 0.5 } }\n',
    'config: { defaultLabel: 1.10, overrides: { a: 1, b: { c: [x] } } }\nstorage: { directory: /tmp/x }\n',
    'config: { defaultLabel: null, overrides: null }\n',
    'backends: { native: { searchLocations: file:/srv, version: 7 } }\n',
    'backends: { native: { search-locations: [file:/srv, /srv/x] } }\n',
    'backends: { git: { uri: git@host:x.git, searchPaths: [a, "{application}"], token: x, repos: { a: { uri: /srv/a, pattern: a*/dev, search-paths: [x] } } } }\n',
    'backends: { git: { uri: /srv/x, repos: null, searchPaths: null } }\n',
    'backends: { composite: [{ type: git, uri: /srv/x, search-paths: [a], repos: { a: { uri: /srv/a } } }, { type: native, order: -1 }] }\n',
    'backends: { composite: null }\n',
  ]) {
    t.ok(fits(yaml), `${yaml}${JSON.stringify(validate.errors)}`);
    t.strictSame(problemLines({ yaml }), [], yaml);
  }
});

t.test('bad files fail both', async (t) => {
  for (const yaml of [
    'prt: 1\n',
    'server: { prot: 1 }\n',
    'server: { port: "8080" }\n',
    'server: { port: 65536 }\n',
    'server: { port: 80.5 }\n',
    'server: { port: null }\n',
    'server: { prefix: config/ }\n',
    'server: { drain: { timeout: 5 } }\n',
    'server: { drain: { timeout: 5 s } }\n',
    'server: { limits: { fileBytesMax: 1TB } }\n',
    'cache: { enabled: "true" }\n',
    'logging: { level: loud }\n',
    'logging: { access: { sampleRate: 2 } }\n',
    'config: { overrides: x }\n',
    'backends: { native: { searchLocations: [] } }\n',
    'backends: { native: { searchLocations: [a, ""] } }\n',
    'backends: { git: { uri: "a b" } }\n',
    'backends: { git: { uri: /srv/x, repos: { a: { pattern: x } } } }\n',
    'backends: { git: { uri: /srv/x, repos: { a: { uri: /srv/a, repos: {} } } } }\n',
    'backends: { git: { uri: /srv/x, repos: { "a b": { uri: /srv/a } } } }\n',
    'backends: { composite: [{ uri: /srv/x }] }\n',
    'backends: { composite: [{ type: git }] }\n',
    'backends: { composite: [{ type: native, uri: /srv/x }] }\n',
    'backends: { composite: [{ type: native, order: 1.5 }] }\n',
    'backends: { composite: { a: { type: native } } }\n',
    'server: [1]\n',
    '- 1\n',
  ]) {
    t.notOk(fits(yaml), yaml);
    t.ok(problemLines({ yaml }).length > 0, yaml);
  }
});

t.test('every option has its description, and its default where it has one', async (t) => {
  const schema = JSON.parse(JSON.stringify(settingsSchema()));
  t.match(schema.properties.server.properties.port, { type: 'integer', minimum: 0, maximum: 65_535, default: 8080, description: /Port of the API/ });
  t.match(schema.properties.server.properties.drain.properties.timeout, { type: 'string', default: '30s' });
  t.match(schema.properties.server.properties.limits.properties['file-bytes-max'], { $ref: '#/properties/server/properties/limits/properties/fileBytesMax' });
  t.strictSame(schema.properties.backends.properties.git.properties.repos.additionalProperties.required, ['uri']);
});
