import { escapeHtml } from '../../charts/tooltip-box.ts';
import { formatMoment } from '../../state/format.ts';
import type { Pair } from './rows.ts';

export interface TooltipValue {
  name: string;
  /** The name of its colour in the style sheet. */
  token: string;
}

const swatch = (token: string) => `<i class="swatch swatch-${token}"></i>`;

/** What was counted at a place of the axis, and a period before, as HTML without styles. */
export function pairHtml(
  pair: Pair | undefined,
  values: readonly TooltipValue[],
  { format, beforeName }: { format: (value: number) => string; beforeName: string },
): string {
  if (!pair) return '';
  const { now, before } = pair;
  const times = [
    ...(now ? [`<time>${formatMoment(now.start)}</time>`] : []),
    ...(before ? [`<time>${escapeHtml(beforeName)} ${formatMoment(before.start)}</time>`] : []),
  ];
  const rows = values.map(({ name, token }, index) => {
    const cells = [
      ...(now ? [`<b>${format(now.values[index] ?? 0)}</b>`] : []),
      ...(before ? [`<small>${format(before.values[index] ?? 0)}</small>`] : []),
    ];
    return `<div>${swatch(token)}<span>${escapeHtml(name)}</span>${cells.join('')}</div>`;
  });
  return [...times, ...rows].join('');
}

export interface ShareRow {
  name: string;
  token: string;
  now: string;
  before: string | undefined;
}

/** A slice's count and share, and those of the period before. */
export function shareHtml(row: ShareRow | undefined, beforeName: string): string {
  if (!row) return '';
  const before = row.before === undefined ? '' : `<div><small>${escapeHtml(beforeName)} ${row.before}</small></div>`;
  return `<div>${swatch(row.token)}<span>${escapeHtml(row.name)}</span><b>${row.now}</b></div>${before}`;
}
