// Memory of former epochs that no thread reads any more, for the next ones: dropped shared memory is collected late, and memory
// that the system has never given out costs more than the copy into it.
//
//   in use ──a newer epoch is published──► retired ──every thread has released it──► free ──► written again as the next epoch
interface Retired {
  readonly segment: SharedArrayBuffer;
  /** The epoch that took its place. */
  readonly epoch: number;
}

/** One that the threads are leaving and one that is free; more would only lie about. */
const keptMax = 2;

export class SegmentPool {
  private retired: Retired[] = [];

  /** `epoch` has taken the segment's place. */
  retire(segment: SharedArrayBuffer, epoch: number): void {
    this.retired.push({ segment, epoch });
    if (this.retired.length > keptMax) this.retired.shift();
  }

  /** A segment that may be overwritten; null when there is none. `released`: no thread refers to what epochs before it used. */
  take(released: number): SharedArrayBuffer | null {
    const free = this.retired.findIndex(({ epoch }) => epoch <= released);
    return free < 0 ? null : this.retired.splice(free, 1)[0]!.segment;
  }
}
