// The options of backends.s3, alone and as an entry of a composite.
import t from 'tap';
import { backendEntries } from '../../../src/settings/backendEntries.ts';
import { resolutionOptions } from '../../../src/settings/resolutionOptions.ts';
import { problemLines, validSettings } from './resolveTexts.ts';

const s3 = (fields: string): string => `backends:\n  s3: { ${fields} }\n`;

t.test('a bucket is a backend of its own, its repository says which bucket and prefix', async (t) => {
  const { settings } = validSettings({ yaml: s3('bucket: config, prefix: team, use-directory-layout: true, default-label: main') });
  t.strictSame(resolutionOptions(settings, '/').backends, [
    { kind: 's3', repository: 's3 s3://config/team', order: 0, defaultLabel: 'main', useDirectoryLayout: true },
  ]);
});

t.test('an entry of a composite has an order and a repository of its own', async (t) => {
  const { settings } = validSettings({ yaml: 'backends:\n  composite: [{ type: s3, bucket: config, order: 3 }, { type: s3, bucket: config }]\n' });
  t.match(resolutionOptions(settings, '/').backends, [
    { kind: 's3', repository: 'composite.0.s3 s3://config/', order: 3 },
    { kind: 's3', repository: 'composite.1.s3 s3://config/', order: 2_147_483_647 },
  ]);
  t.match(backendEntries(settings)[0], { path: ['backends', 'composite', '0'] });
});

t.test('the secret key is not shown', async (t) => {
  const { settings } = validSettings({ yaml: s3('bucket: config, accessKeyId: id, secretAccessKey: c0nfidential') });
  t.equal(settings.backends.s3.secretAccessKey?.reveal(), 'c0nfidential');
  t.notMatch(JSON.stringify(settings.backends.s3), /c0nfidential/);
});

t.test('what does not fit together is refused', async (t) => {
  const wrong = (fields: string): readonly string[] => problemLines({ yaml: s3(fields) });
  t.match(wrong('region: eu-central-1'), [/backends.s3.bucket: other options of backends.s3 are set, but not its bucket/]);
  t.match(wrong('bucket: config, accessKeyId: id'), [/accessKeyId needs a secretAccessKey/]);
  t.match(wrong('bucket: config, secretAccessKey: secret'), [/secretAccessKey needs an accessKeyId/]);
  t.match(wrong('bucket: config, sessionToken: token'), [/sessionToken needs an accessKeyId/]);
  t.match(wrong('bucket: config, pollInterval: 10m, maxStaleness: 1m'), [/maxStaleness 1m must be longer than pollInterval 10m/]);
  t.match(wrong('bucket: "a/b"'), [/expected the name of a bucket/]);
  t.match(wrong('bucket: config, endpoint: "https://user:secret@host"'), [/expected an http or https uri of a host/]);
  t.match(wrong('bucket: config, prefix: /team'), [/expected the beginning of keys, without a slash at its start/]);
  t.match(problemLines({ yaml: 'backends:\n  composite: [{ type: s3 }]\n' }), [/backends.composite.0.bucket: the entry has no bucket/]);
});

t.test('one backend beside another is refused', async (t) => {
  const beside = (other: string): readonly string[] => problemLines({ yaml: `backends:\n  s3: { bucket: config }\n  ${other}\n` });
  t.match(beside('git: { uri: /srv/x.git }'), [/backends.git.uri: backends.s3 is set too .*: list several backends in backends.composite/]);
  t.match(beside('native: { searchLocations: [/srv/x] }'), [/backends.s3.bucket: backends.native is set too/]);
  t.match(beside('composite: [{ type: native }]'), [/backends.composite: backends.s3 is set too .*and nowhere else/]);
});
