// The backends as resolution sees them: settings without transport, made once at start.
import type { EncryptionPolicy } from './encryption.ts';

/** One backend alone, or several in order of precedence. */
export type Backend = NativeBackend | GitBackend | S3Backend | SqlBackend;

export interface NativeBackend {
  readonly kind: 'native';
  /** Key for ContentView.lookup. */
  readonly repository: string;
  readonly order: number;
  /** As configured: `file:/srv/config/`, `/srv/{application}`, `file:/srv/x/`; placeholders and a star are allowed. */
  readonly searchLocations: readonly string[];
  readonly version: string | null;
  readonly addLabelLocations: boolean;
  readonly defaultLabel: string | null;
}

/** One Git repository and how it is searched. (compatibility document 3.7, 3.8, 3.10) */
export interface GitRepository {
  /** Name of the settings entry: `git` for the default repository, `git.repos.<name>` for the others. */
  readonly id: string;
  /** Verbatim, may hold {application}, {profile}, {label} in its path. Source names start with it. */
  readonly uri: string;
  readonly searchPaths: readonly string[];
  readonly defaultLabel: string | null;
  readonly tryMasterBranch: boolean;
  readonly continueOnMultipleLabelFailure: boolean;
}

export interface GitPatternRepository extends GitRepository {
  /** As configured; normalised by the matching rule. Default: the map key. */
  readonly patterns: readonly string[];
}

export interface GitBackend extends GitRepository {
  readonly kind: 'git';
  readonly order: number;
  /** In declaration order. */
  readonly repos: readonly GitPatternRepository[];
}

/** The objects of a bucket below a prefix; a label is the prefix behind that. (compatibility document 6.4) */
export interface S3Backend {
  readonly kind: 's3';
  /** Key for ContentView.lookup; the label there is '' for everything below the prefix. */
  readonly repository: string;
  readonly order: number;
  readonly defaultLabel: string | null;
  /** Objects are `app/application-profile.yml`, not `app-profile.yml`. */
  readonly useDirectoryLayout: boolean;
}

/** A table of a database, or statements that are asked per application, profile and label. (compatibility document 6.3) */
export interface SqlBackend {
  readonly kind: 'sql';
  /** Key for ContentView.lookup. */
  readonly repository: string;
  readonly order: number;
  readonly defaultLabel: string | null;
  /** A database that was never reached fails the answer; false: it only adds nothing to it. */
  readonly failOnError: boolean;
  /** What is read, without credentials: another text is other content. */
  readonly origin: string;
  /** `profileStatement`: own statements, and none for rows without a profile. */
  readonly content: 'table' | 'statements' | 'profileStatement';
}

/** The key under which ContentView, sources and epochs know a Git repository: settings entry and resolved uri. */
export function gitRepositoryKey(id: string, resolvedUri: string): string {
  return `${id} ${resolvedUri}`;
}

/** The server options that change answers (compatibility document 0.3). */
export interface ResolutionOptions {
  readonly backends: readonly Backend[];
  /** Overrides the default label of every backend; null when unset. */
  readonly defaultLabel: string | null;
  readonly acceptEmpty: boolean;
  /** Raw, as configured; `\{` and `\${` are unescaped by resolution. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly stripDocumentFromYaml: boolean;
  readonly reverseLocationOrder: boolean;
  readonly failOnCompositeError: boolean;
  readonly validateProfiles: boolean;
  readonly encryption: EncryptionPolicy;
  readonly limits: ResolutionLimits;
}

export interface ResolutionLimits {
  readonly fileBytesMax: number;
  /** Nodes that one YAML file may expand to, aliases counted each time. */
  readonly yamlNodesMax: number;
  readonly nestingDepthMax: number;
  /** Highest list index that the flat formats build. */
  readonly listIndexMax: number;
  /** Bytes of one rendered answer. */
  readonly bodyBytesMax: number;
}
