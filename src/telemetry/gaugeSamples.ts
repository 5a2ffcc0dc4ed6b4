// What is looked up at each scrape: values by metric of the catalogue, typed by its labels.
import type { LabelsOf, MetricName, MetricNameOf } from './metricCatalogue.ts';

export type ScrapedName = Exclude<MetricNameOf<'gauge' | 'counter', 'scrape'>, 'vortex_build_info'>;

export interface Sample<Name extends MetricName> {
  readonly labels: LabelsOf<Name>;
  /** +Infinity is shown as +Inf; NaN drops the sample. */
  readonly value: number;
}

/** A metric without samples is shown with its help only. */
export type GaugeSamples = { readonly [Name in ScrapedName]: readonly Sample<Name>[] };

/** 1 for the state that holds, 0 for the others. */
export function stateSamples<Label extends object>(
  states: readonly string[],
  current: string,
  labelsOf: (state: string) => Label,
): readonly { labels: Label; value: number }[] {
  return states.map((state) => ({ labels: labelsOf(state), value: state === current ? 1 : 0 }));
}
