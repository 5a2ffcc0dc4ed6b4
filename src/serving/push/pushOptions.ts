// What the carriers of push need from the settings.
export interface PushOptions {
  readonly heartbeatMs: number;
  /** New subscribers of this worker in a second; further ones are told to come back. */
  readonly admissionsPerSecond: number;
  /** 0: connections last as long as the client likes. */
  readonly connectionAgeMaxMs: number;
  readonly subscriptionsPerConnection: number;
  /** Longest time that a subscriber may not take what it missed; then it is closed. */
  readonly slowMaxMs: number;
  /** Longest wait of a poll. */
  readonly pollMaxMs: number;
}
