// The exit codes of vortex-server, from the table of error codes.
import { errorCodes, type ErrorCodeEntry } from '../model/errorCodes.ts';

export interface ExitCode {
  readonly exitCode: number;
  readonly meaning: string;
}

/** In ascending order; codes that several errors share have one entry. */
export function exitCodes(): readonly ExitCode[] {
  const meanings = new Map<number, string[]>([[0, ['Ended as asked: after a drain, or --help, --version, --check, --print-schema, migrate.']]]);
  for (const entry of Object.values<ErrorCodeEntry>(errorCodes)) {
    if (entry.exitCode === 0) continue;
    meanings.set(entry.exitCode, [...(meanings.get(entry.exitCode) ?? []), entry.help]);
  }
  return [...meanings].sort(([a], [b]) => a - b).map(([exitCode, texts]) => ({ exitCode, meaning: texts.join(' Or: ') }));
}
