// The files of a corpus: cases and fixtures, and which of them this server is asked to answer. (corpus README 2, 5)
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface ExpectedAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bodyKind: 'json' | 'text' | 'bytes' | 'empty' | 'errorObject';
  /** Text (JSON, text or base64 by kind); for `errorObject` the members of the object. */
  readonly body: string | Readonly<Record<string, unknown>> | null;
  readonly unordered?: boolean;
  readonly altStatus?: readonly number[];
}

export interface Case {
  readonly id: string;
  readonly fixture: string;
  readonly method: string;
  /** Raw request target. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expect: ExpectedAnswer;
  readonly optionalHeaders?: Readonly<Record<string, string>>;
  readonly notes?: string;
}

/** One entry of `repos`: `type` and the backend's own settings in kebab case. */
export interface FixtureBackend {
  readonly type: string;
  readonly [setting: string]: unknown;
}

export interface FixtureSettings {
  readonly repos: readonly FixtureBackend[];
  readonly server?: Readonly<Record<string, unknown>>;
  readonly encrypt?: Readonly<Record<string, unknown>>;
  readonly 'validate-profiles'?: boolean;
}

export interface Fixture {
  readonly id: string;
  readonly folder: string;
  readonly settings: FixtureSettings;
}

export interface Corpus {
  readonly cases: readonly Case[];
  readonly fixtures: ReadonlyMap<string, Fixture>;
}

export function readCorpus(folder: string): Corpus {
  const lines = readFileSync(join(folder, 'cases.jsonl'), 'utf8').split('\n');
  const cases = lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Case);
  const fixtures = readdirSync(join(folder, 'fixtures')).map((id): Fixture => {
    const fixtureFolder = join(folder, 'fixtures', id);
    return { id, folder: fixtureFolder, settings: JSON.parse(readFileSync(join(fixtureFolder, 'settings.json'), 'utf8')) as FixtureSettings };
  });
  return { cases, fixtures: new Map(fixtures.map((fixture) => [fixture.id, fixture])) };
}
