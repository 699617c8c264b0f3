import type { CartesianInput, DrawnValue } from './chart-input.ts';
import { beforeDash, beforeOpacity } from './look.ts';
import type { Row } from './rows.ts';

/** The series of a chart over time: one for each value, and one for each of the period before. */
export function seriesOf(input: CartesianInput): object[] {
  const { type, values, rows, before } = input;
  const make = type === 'bar' ? bars : lines;
  const now = values.map((value, index) => make(input, value, rows, index, false));
  const earlier = before ? values.map((value, index) => make(input, value, before, index, true)) : [];
  // What is now lies over what was.
  return [...earlier, ...now];
}

const nameOf = ({ beforeName }: CartesianInput, { name }: DrawnValue, isBefore: boolean) =>
  isBefore ? `${name} (${beforeName})` : name;

const idOf = (index: number, isBefore: boolean) => `${isBefore ? 'before' : 'now'} ${index}`;

function lines(input: CartesianInput, value: DrawnValue, rows: readonly Row[], index: number, isBefore: boolean) {
  const { type, rem, colors } = input;
  const { color, look } = value;
  const stacked = type === 'area';
  const scale = rem / 16;
  // The edges of areas lie close to each other: dashes would only flicker.
  const dash = (isBefore ? beforeDash : stacked ? [] : look.dash).map((length) => length * scale);
  return {
    id: idOf(index, isBefore),
    name: nameOf(input, value, isBefore),
    type: 'line',
    ...(stacked ? { stack: isBefore ? 'before' : 'now' } : {}),
    symbol: 'none',
    showAllSymbol: true,
    connectNulls: false,
    data: pointsOf(rows, index, input, isBefore ? undefined : look.marker),
    itemStyle: { color, opacity: isBefore ? beforeOpacity : 1, borderColor: colors.panel, borderWidth: 1 },
    lineStyle: {
      color,
      width: (isBefore || stacked ? 1.5 : 2) * scale,
      opacity: isBefore ? beforeOpacity : 1,
      type: dash.length > 0 ? dash : 'solid',
      cap: dash[0] === 2 * scale ? 'round' : 'butt',
    },
    ...(stacked && !isBefore ? { areaStyle: { color, opacity: 0.35 } } : {}),
    emphasis: { disabled: true },
    z: isBefore ? 2 : 3,
  };
}

type Datum =
  | readonly [number, number | null]
  | { value: readonly [number, number | null]; symbol: string; symbolSize: number };

// Markers stand no closer than this, in rem, where there are many points.
const markerDistance = 5;

/** Points of a line, broken where something is missing; one that stands alone is a dot, or it would not be seen. */
function pointsOf(
  rows: readonly Row[],
  index: number,
  { shown, rem, width }: CartesianInput,
  marker: string | undefined,
): Datum[] {
  const seen = rows.filter(({ at }) => at >= shown.from && at <= shown.to).length;
  const every = Math.max(1, Math.ceil((seen * markerDistance * rem) / width));
  // Lines carry their markers at different places, or those would hide each other where lines meet.
  const first = Math.floor(every / 2 + index * (every / 5)) % every;
  return rows.flatMap((row, position): Datum[] => {
    const next = rows[position + 1];
    const alone = (position === 0 || row.gap) && (!next || next.gap);
    const marked = marker !== undefined && position % every === first;
    const value = [row.at, row.values[index] ?? 0] as const;
    const previous = rows[position - 1];
    return [
      ...(row.gap && previous ? [[previous.at + (previous.end - previous.start), null] as const] : []),
      marked || alone ? { value, symbol: marker ?? 'circle', symbolSize: (marked ? 0.5 : 0.375) * rem } : value,
    ];
  });
}

function bars(input: CartesianInput, value: DrawnValue, rows: readonly Row[], index: number, isBefore: boolean) {
  const { rem, colors, span } = input;
  return {
    id: idOf(index, isBefore),
    name: nameOf(input, value, isBefore),
    type: 'bar',
    stack: isBefore ? 'before' : 'now',
    // A bar stands over the time that it covers.
    data: rows.map((row) => [row.at + span / 2, row.values[index] ?? 0]),
    barCategoryGap: '25%',
    barGap: '10%',
    barMaxWidth: 3 * rem,
    itemStyle: {
      color: value.color,
      opacity: isBefore ? beforeOpacity - 0.1 : 1,
      borderColor: colors.panel,
      borderWidth: rows.length > 60 ? 0 : 0.5,
    },
    emphasis: { disabled: true },
  };
}
