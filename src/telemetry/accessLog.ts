// The sampled access log (logging.access.sampleRate): which requests are logged, and what of them.

/**
 * Whether this request is logged. `sampleRate` is the part of the requests from 0 (none) to 1 (all), `random` is in [0, 1).
 * Callers that may skip the random number do so at rate 0.
 */
export function isSampled(sampleRate: number, random: number): boolean {
  return random < sampleRate;
}

export interface AccessFacts {
  readonly method: string;
  /** The path of the request, raw. */
  readonly target: string;
  readonly status: number;
  readonly durationSeconds: number;
  /** Of the socket; '' when unknown. */
  readonly remoteAddress: string;
}

export interface AccessFields {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Milliseconds, to the microsecond. */
  readonly durationMs: number;
  readonly remoteAddress: string;
}

const targetCharactersMax = 512;

/** The fields of one line of the access log, bounded in size. */
export function accessFields(facts: AccessFacts): AccessFields {
  const { method, target, status, durationSeconds, remoteAddress } = facts;
  return {
    method: method.slice(0, 16),
    target: target.length > targetCharactersMax ? `${target.slice(0, targetCharactersMax)}...` : target,
    status,
    durationMs: Math.round(durationSeconds * 1_000_000) / 1_000,
    remoteAddress,
  };
}
