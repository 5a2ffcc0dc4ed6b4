// How long a worker has been silent, as the primary has seen it: pure.

export interface HeartbeatWatch {
  readonly beat: number;
  readonly lookedAtMs: number;
  readonly silentMs: number;
}

export function startHeartbeatWatch(beat: number, nowMs: number): HeartbeatWatch {
  return { beat, lookedAtMs: nowMs, silentMs: 0 };
}

/**
 * One look at a heartbeat. Silence counts at most two look intervals per look: when the whole process was stopped (SIGSTOP, a
 * frozen container, a stalled primary), the workers had no chance to beat either and must not be taken for hung.
 */
export function lookAtHeartbeat(watch: HeartbeatWatch, beat: number, nowMs: number, lookIntervalMs: number): HeartbeatWatch {
  if (beat !== watch.beat) return { beat, lookedAtMs: nowMs, silentMs: 0 };
  const passedMs = Math.min(nowMs - watch.lookedAtMs, 2 * lookIntervalMs);
  return { beat, lookedAtMs: nowMs, silentMs: watch.silentMs + passedMs };
}
