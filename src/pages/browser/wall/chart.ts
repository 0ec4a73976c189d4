import uPlot from 'uplot';
import type { Rate } from './figures.ts';
import type { WallFormat } from './format.ts';

/** Orders per second as two lines over five minutes, as large as its host and in the colours of the theme. */
export function createChart(host: HTMLElement, format: WallFormat) {
  let plot: uPlot | undefined;
  let data: uPlot.AlignedData = [[], [], []];
  let width = 0;
  let height = 0;

  function draw(): void {
    plot?.destroy();
    if (width === 0 || height === 0) return;
    host.replaceChildren();
    plot = new uPlot(optionsFor(host, { width, height, format }), data, host);
  }

  new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const { width: nextWidth, height: nextHeight } = entry.contentRect;
    if (nextWidth === width && nextHeight === height) return;
    width = nextWidth;
    height = nextHeight;
    draw();
  }).observe(host);

  return {
    show(rates: readonly Rate[]): void {
      data = [
        rates.map(({ atMs }) => atMs / 1000),
        rates.map(({ placedCount }) => placedCount),
        rates.map(({ paidCount }) => paidCount),
      ];
      plot?.setData(data);
    },
    /** Colours are drawn, not styled: a change of theme needs a new drawing. */
    redraw: draw,
  };
}

function optionsFor(
  host: HTMLElement,
  { width, height, format }: { width: number; height: number; format: WallFormat },
): uPlot.Options {
  const style = getComputedStyle(host);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `500 ${Math.round(rem * 0.8)}px ${style.fontFamily}`;
  const axis = { stroke: color('--wall-soft'), font, ticks: { show: false } };
  const grid = { stroke: color('--wall-line'), width: 1 };
  const glow = (self: uPlot) => {
    const gradient = self.ctx.createLinearGradient(0, self.bbox.top, 0, self.bbox.top + self.bbox.height);
    gradient.addColorStop(0, color('--wall-glow'));
    gradient.addColorStop(1, 'transparent');
    return gradient;
  };
  return {
    width,
    height,
    padding: [rem * 0.6, rem * 2, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, niceMax(max)] } },
    axes: [
      {
        ...axis,
        size: rem * 1.7,
        gap: rem * 0.35,
        grid: { show: false },
        space: rem * 7,
        values: (_, ticks) => ticks.map((seconds) => format.time(seconds * 1000)),
      },
      {
        ...axis,
        size: rem * 3.2,
        gap: rem * 0.5,
        grid,
        space: rem * 2.6,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
        values: (_, ticks) => ticks.map((value) => format.number(value)),
      },
    ],
    series: [
      {},
      { stroke: color('--wall-hot'), width: rem * 0.16, fill: glow, points: { show: false } },
      { stroke: color('--wall-cool'), width: rem * 0.1, points: { show: false } },
    ],
  };
}

/** A little air above the highest, and never so close that one order looks like a storm. */
export function niceMax(max: number | null): number {
  const highest = Math.max(4, (max ?? 0) * 1.12);
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  return Math.ceil((highest / magnitude) * 2) * (magnitude / 2);
}
