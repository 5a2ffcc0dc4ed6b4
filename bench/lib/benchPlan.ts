// How long and where the benchmarks measure: made once from the command line.
import type { Distribution } from './htmlReport.ts';

export interface BenchPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
  readonly publishes: number;
  /** Server on one core, load on another; null on machines with one. */
  readonly serverCpu: number | null;
  readonly loadCpu: number | null;
  readonly note: (line: string) => void;
  readonly distribution: (distribution: Distribution) => void;
}
