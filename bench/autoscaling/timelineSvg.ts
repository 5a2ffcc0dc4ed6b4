// Draws the timeline of a simulation: load and metric, load per pod against the target, replicas against need.
import type { LoadProfile } from './loadProfile.ts';
import type { Moment } from './scalingVerdict.ts';

const width = 960;
const panelHeight = 190;
const gap = 50;
const left = 60;
const plotWidth = width - left - 20;

interface Line {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
  /** Steps instead of slopes. */
  readonly isStep?: boolean;
  readonly valueAt: (moment: Moment) => number;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export function timelineSvg(timeline: readonly Moment[], profile: LoadProfile, target: number, capacity: number): string {
  const panels: readonly Panel[] = [
    {
      title: 'requests per second, all pods',
      lines: [
        { name: 'sent by clients', color: '#888', valueAt: ({ offered }) => offered },
        { name: 'http_requests_per_second, from Prometheus', color: '#0969da', valueAt: ({ measured }) => measured },
      ],
    },
    {
      title: 'requests per second and pod',
      lines: [
        { name: 'average', color: '#0969da', valueAt: ({ measured, ready }) => measured / Math.max(1, ready) },
        { name: 'target', color: '#1a7f37', dashed: true, valueAt: () => target },
        { name: 'capacity', color: '#cf222e', dashed: true, valueAt: () => capacity },
      ],
    },
    {
      title: 'pods',
      lines: [
        { name: 'wanted by the HPA', color: '#8250df', isStep: true, valueAt: ({ replicas }) => replicas },
        { name: 'ready', color: '#0969da', isStep: true, valueAt: ({ ready }) => ready },
        { name: 'needed', color: '#cf222e', dashed: true, isStep: true, valueAt: ({ offered }) => Math.ceil(offered / capacity) },
      ],
    },
  ];
  const height = panels.length * (panelHeight + gap) + 20;
  const body = panels.map((panel, index) => panelSvg(panel, timeline, profile, 30 + index * (panelHeight + gap))).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${body}
</svg>
`;
}

function panelSvg({ title, lines }: Panel, timeline: readonly Moment[], profile: LoadProfile, top: number): string {
  const highest = Math.max(1, ...timeline.flatMap((moment) => lines.map(({ valueAt }) => valueAt(moment)))) * 1.1;
  const x = (seconds: number): number => left + (seconds / profile.endSeconds) * plotWidth;
  const y = (value: number): number => top + panelHeight - (value / highest) * panelHeight;
  const parts = [`<text x="${left}" y="${top - 10}" font-weight="bold">${title}</text>`];
  for (const value of ticks(highest)) {
    parts.push(`<line x1="${left}" x2="${left + plotWidth}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#ddd"/>`);
    parts.push(`<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value}</text>`);
  }
  for (let minute = 0; minute * 60 <= profile.endSeconds; minute += 2) {
    parts.push(`<text x="${x(minute * 60).toFixed(1)}" y="${top + panelHeight + 16}" text-anchor="middle">${minute} min</text>`);
  }
  for (const [name, seconds] of [
    ['worker replaced', profile.workerReplacedAtSeconds],
    ['pod gone', profile.podGoneAtSeconds],
  ] as const) {
    const isLeft = name === 'worker replaced';
    const textX = x(seconds) + (isLeft ? -3 : 3);
    parts.push(
      `<line x1="${x(seconds).toFixed(1)}" x2="${x(seconds).toFixed(1)}" y1="${top}" y2="${top + panelHeight}" stroke="#bf8700" stroke-dasharray="2 3"/>`,
    );
    parts.push(
      `<text x="${textX.toFixed(1)}" y="${top + panelHeight - 6}" font-size="10" text-anchor="${isLeft ? 'end' : 'start'}" fill="#7d4e00">${name}</text>`,
    );
  }
  lines.forEach((line, index) => {
    const legendX = left + 260 + index * 230;
    const dashes = line.dashed === true ? ' stroke-dasharray="6 4"' : '';
    parts.push(`<line x1="${legendX}" x2="${legendX + 22}" y1="${top - 14}" y2="${top - 14}" stroke="${line.color}" stroke-width="2"${dashes}/>`);
    parts.push(`<text x="${legendX + 28}" y="${top - 10}">${line.name}</text>`);
    parts.push(`<path d="${pathOf(line, timeline, x, y)}" fill="none" stroke="${line.color}" stroke-width="1.6"${dashes}/>`);
  });
  return parts.join('\n');
}

/** Round numbers from 0 on, four to eight of them. */
function ticks(highest: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => highest / candidate <= 8) ?? power * 10;
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(3)));
}

function pathOf({ valueAt, isStep }: Line, timeline: readonly Moment[], x: (seconds: number) => number, y: (value: number) => number): string {
  return timeline
    .map((moment, index) => {
      const [atX, atY] = [x(moment.atSeconds).toFixed(1), y(valueAt(moment)).toFixed(1)];
      if (index === 0) return `M${atX} ${atY}`;
      return isStep === true ? `H${atX}V${atY}` : `L${atX} ${atY}`;
    })
    .join('');
}
