// The load of the simulation over the time of the cluster: quiet, ramp, peak with incidents, a spike, quiet.

export interface LoadProfile {
  readonly endSeconds: number;
  readonly peak: { readonly fromSeconds: number; readonly toSeconds: number };
  readonly workerReplacedAtSeconds: number;
  readonly podGoneAtSeconds: number;
  /** Requests per second of all clients. */
  readonly rateAt: (seconds: number) => number;
}

/** In units of one pod's target: half a target, then up to six within six minutes, half as much again for a minute, then half a target again. */
export function loadProfile(target: number): LoadProfile {
  const rampFrom = 120;
  const peakFrom = 480;
  const spikeFrom = 720;
  const spikeTo = 780;
  const peakTo = 900;
  return {
    endSeconds: 1_680,
    peak: { fromSeconds: peakFrom, toSeconds: peakTo },
    workerReplacedAtSeconds: 540,
    podGoneAtSeconds: 600,
    rateAt: (seconds) => {
      if (seconds < rampFrom || seconds >= peakTo) return target / 2;
      if (seconds < peakFrom) return target * (0.5 + (5.5 * (seconds - rampFrom)) / (peakFrom - rampFrom));
      return seconds >= spikeFrom && seconds < spikeTo ? target * 9 : target * 6;
    },
  };
}
