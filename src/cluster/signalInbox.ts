// Catches SIGTERM and SIGINT from the first moment of the process and keeps them until the drain can act on them (primary only).

const names = ['SIGTERM', 'SIGINT'] as const;
export type EndSignal = (typeof names)[number];

/**
 * Made first thing in the process: without a handler a signal ends the process with an error status, and as init of a container
 * (PID 1) it would be ignored, so that the orchestrator waits for its whole grace period.
 */
export class SignalInbox {
  readonly #waiting: EndSignal[] = [];
  #receive: ((signal: EndSignal) => void) | null = null;

  constructor() {
    for (const name of names) {
      process.on(name, () => {
        if (this.#receive === null) this.#waiting.push(name);
        else this.#receive(name);
      });
    }
  }

  /** From now on signals go to `receive`, those that came before at once. */
  connect(receive: (signal: EndSignal) => void): void {
    this.#receive = receive;
    for (const name of this.#waiting.splice(0)) receive(name);
  }
}
