// Derives from the settings what resolution needs to know of them.
import { posix } from 'node:path';
import type { Backend, GitPatternRepository, GitRepository, ResolutionOptions } from '../model/backend.ts';
import { backendEntries, type BackendEntry } from './backendEntries.ts';
import type { GitPatternRepositorySettings, S3Settings, Settings } from './options.ts';
import type { SqlSettings } from './sqlRules.ts';

/** Relative locations are those of `workingDirectory`, absolute: resolution knows only absolute paths. */
export function resolutionOptions(settings: Settings, workingDirectory: string): ResolutionOptions {
  const { config, encrypt } = settings;
  const { fileBytesMax, yamlNodesMax, nestingDepthMax, listIndexMax, bodyBytesMax } = settings.server.limits;
  return {
    backends: backendEntries(settings).map((entry) => backend(entry, workingDirectory)),
    defaultLabel: config.defaultLabel,
    acceptEmpty: config.acceptEmpty,
    overrides: config.overrides,
    stripDocumentFromYaml: config.stripDocumentFromYaml,
    reverseLocationOrder: config.reverseLocationOrder,
    failOnCompositeError: config.failOnCompositeError,
    validateProfiles: config.validateProfiles,
    encryption: {
      enabled: encrypt.enabled,
      plainTextEncrypt: encrypt.plainTextEncrypt,
      prefixInvalidProperties: encrypt.prefixInvalidProperties,
    },
    limits: { fileBytesMax, yamlNodesMax, nestingDepthMax, listIndexMax, bodyBytesMax },
  };
}

function backend({ id, settings }: BackendEntry, workingDirectory: string): Backend {
  switch (settings.type) {
    case 'native':
      return {
        kind: 'native',
        // its directories are one repository
        repository: id,
        order: settings.order,
        searchLocations: settings.searchLocations.map((location) => absoluteLocation(location, workingDirectory)),
        version: settings.version,
        addLabelLocations: settings.addLabelLocations,
        defaultLabel: settings.defaultLabel,
      };
    case 'git':
      return {
        kind: 'git',
        order: settings.order,
        ...repository(id, settings),
        repos: [...settings.repos].map(([name, entry]): GitPatternRepository => ({
          ...repository(`${id}.repos.${name}`, entry),
          patterns: entry.pattern.length > 0 ? entry.pattern : [name],
        })),
      };
    case 's3':
      return {
        kind: 's3',
        repository: s3Repository(id, settings),
        order: settings.order,
        defaultLabel: settings.defaultLabel,
        useDirectoryLayout: settings.useDirectoryLayout,
      };
    case 'sql':
      return {
        kind: 'sql',
        repository: id,
        order: settings.order,
        defaultLabel: settings.defaultLabel,
        failOnError: settings.failOnError,
        origin: sqlOrigin(settings),
        content: settings.sql === null ? 'table' : settings.sqlWithoutProfile === null ? 'profileStatement' : 'statements',
      };
  }
}

/** Says which content it is: what was kept of another bucket is not served. */
export function s3Repository(id: string, { bucket, prefix }: Pick<S3Settings, 'bucket' | 'prefix'>): string {
  return `${id} s3://${bucket}/${prefix}`;
}

/** `file:./x/` and `x/{application}` below the working directory; a slash at the end stays. */
function absoluteLocation(location: string, workingDirectory: string): string {
  const scheme = location.startsWith('file:') ? 'file:' : '';
  const path = location.slice(scheme.length);
  const isAbsolute = path.startsWith('/') || /^[a-z][a-z0-9+.-]+:/i.test(path);
  return isAbsolute ? location : `${scheme}${posix.join(workingDirectory, path)}`;
}

function repository(id: string, settings: Omit<GitPatternRepositorySettings, 'pattern'>): GitRepository {
  return {
    id,
    uri: settings.uri,
    searchPaths: settings.searchPaths,
    defaultLabel: settings.defaultLabel,
    tryMasterBranch: settings.tryMasterBranch,
    continueOnMultipleLabelFailure: settings.continueOnMultipleLabelFailure,
  };
}

export function sqlOrigin(settings: SqlSettings): string {
  const { url, table, applicationColumn, profileColumn, labelColumn, keyColumn, valueColumn, sql, sqlWithoutProfile } = settings;
  return JSON.stringify([url, table, applicationColumn, profileColumn, labelColumn, keyColumn, valueColumn, sql, sqlWithoutProfile]);
}
