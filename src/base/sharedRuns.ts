// Runs one task at a time per key; whoever asks while one runs shares the next, which begins after they asked.

export class SharedRuns<T> {
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly next = new Map<string, Promise<T>>();

  /** The task of the first who asks is the one that runs for all of them. */
  run(key: string, task: () => Promise<T>): Promise<T> {
    const waiting = this.next.get(key);
    if (waiting !== undefined) return waiting;
    const before = this.running.get(key);
    if (before === undefined) return this.start(key, task);
    const shared = before.then(
      () => this.startNext(key, task),
      () => this.startNext(key, task),
    );
    this.next.set(key, shared);
    return shared;
  }

  private startNext(key: string, task: () => Promise<T>): Promise<T> {
    this.next.delete(key);
    return this.start(key, task);
  }

  private start(key: string, task: () => Promise<T>): Promise<T> {
    const started = task().finally(() => {
      if (this.running.get(key) === started) this.running.delete(key);
    });
    this.running.set(key, started);
    return started;
  }
}
