// The bench as one self-contained page: the table of bars and the latency distributions as an inline picture.
import { barText, holds, type Figure } from './figures.ts';

export interface Distribution {
  readonly name: string;
  /** [percentile, microseconds] in ascending order. */
  readonly points: readonly (readonly [number, number])[];
}

const width = 720;
const height = 320;
const colours = ['#1f6feb', '#d1242f', '#1a7f37', '#8250df', '#bf8700', '#57606a'];

export function htmlReport(machine: Readonly<Record<string, unknown>>, figures: readonly Figure[], distributions: readonly Distribution[]): string {
  const rows = figures.map(
    (figure) =>
      `<tr class="${holds(figure) ? 'ok' : 'miss'}"><td>${escaped(figure.name)}</td><td>${escaped(figure.measured)}</td><td>${figure.ratio.toFixed(2)}x</td><td>${escaped(barText(figure))}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Vortex Config bench</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #d0d7de;padding:.4rem;text-align:left}tr.miss td:nth-child(3){color:#d1242f;font-weight:bold}tr.ok td:nth-child(3){color:#1a7f37}
</style></head><body><h1>Vortex Config bench</h1><p>${escaped(JSON.stringify(machine))}</p>
<table><thead><tr><th>figure</th><th>measured</th><th>ratio</th><th>bar</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<h2>Latency by percentile</h2>${plot(distributions)}</body></html>\n`;
}

/** Percentiles on a scale of nines, microseconds on a logarithmic one. */
function plot(distributions: readonly Distribution[]): string {
  const values = distributions.flatMap(({ points }) => points.map(([, micros]) => micros));
  if (values.length === 0) return '<p>none measured</p>';
  const low = Math.log10(Math.max(1, Math.min(...values)));
  const high = Math.log10(Math.max(...values)) + 0.05;
  const x = (percentile: number): number => 60 + (-Math.log10(1 - percentile / 100) / 4) * (width - 80);
  const y = (micros: number): number => height - 40 - ((Math.log10(micros) - low) / (high - low)) * (height - 60);
  const lines = distributions.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const path = points.map(([percentile, micros]) => `${x(percentile).toFixed(1)},${y(micros).toFixed(1)}`).join(' ');
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/><text x="70" y="${20 + index * 16}" fill="${colour}" font-size="12">${escaped(name)}</text>`;
  });
  const ticks = [50, 90, 99, 99.9, 99.99].map((percentile) => `<text x="${x(percentile).toFixed(1)}" y="${height - 20}" font-size="11">${percentile}%</text>`);
  const scale = [1, 10, 100, 1_000, 10_000, 100_000]
    .filter((micros) => Math.log10(micros) >= low - 0.3 && Math.log10(micros) <= high)
    .map((micros) => `<text x="4" y="${y(micros).toFixed(1)}" font-size="11">${micros} µs</text>`);
  return `<svg viewBox="0 0 ${width} ${height}" width="100%" role="img">${lines.join('')}${ticks.join('')}${scale.join('')}</svg>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
