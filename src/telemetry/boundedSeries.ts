// Keeps the number of label combinations bounded: the first ones keep their names, later ones become `other`.

export interface FetchLabels {
  readonly app: string;
  readonly profile: string;
  readonly backend: string;
}

const labelCharactersMax = 120;

/** First come, first kept, for the life of the process: a series that changed its meaning would be worse than a missing one. */
export class BoundedSeries {
  private readonly known = new Set<string>();
  private readonly seriesMax: number;

  constructor(seriesMax: number) {
    this.seriesMax = seriesMax;
  }

  /** The labels to count under. `backend` comes from settings, is bounded by them and stays. */
  labels(app: string, profile: string, backend: string): FetchLabels {
    if (app.length <= labelCharactersMax && profile.length <= labelCharactersMax) {
      const key = JSON.stringify([app, profile, backend]);
      if (this.known.has(key)) return { app, profile, backend };
      if (this.known.size < this.seriesMax) {
        this.known.add(key);
        return { app, profile, backend };
      }
    }
    return { app: 'other', profile: 'other', backend };
  }
}
