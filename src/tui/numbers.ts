import { bigDigits } from './big-digits.ts';
import type { PipelineState } from './dashboard-state.ts';
import { type Figure, factsOf, figuresOf } from './figures.ts';
import { type Cell, cell, fitCells, rightCell } from './fit-cells.ts';
import { formatCount, formatPer, formatPercent } from './format.ts';
import { type Line, lineWidth, padLine, segment, spaces, widthOf } from './line.ts';
import { type Language, texts } from './texts.ts';

/** Which pipeline is shown, and where it stands among how many. */
export interface Selection {
  pipeline: PipelineState;
  index: number;
  count: number;
}

/** The last window in numbers, in one line or, if there are three and room for them, in big digits. */
export function numberLines(selection: Selection, width: number, rows: 1 | 3, lang: Language): Line[] {
  if (rows === 1) return [smallLine(selection, width, lang)];
  return bigLines(selection, width, lang) ?? [[], smallLine(selection, width, lang), []];
}

// As wide whatever the change is, so that what stands behind it does not move.
function changeText({ change, digits }: Figure): string {
  const sign = change === null ? '' : change === 0 ? '=' : change > 0 ? '▲' : '▼';
  return `${sign}${change ? formatCount(Math.abs(change)) : ''}`.padEnd(digits + 1);
}

const valueText = ({ value, digits }: Figure): string => (value === null ? '–' : formatCount(value)).padStart(digits);

function smallLine({ pipeline, index, count }: Selection, width: number, lang: Language): Line {
  const per = segment(formatPer(pipeline.window), 'muted');
  const figures = figuresOf(pipeline, lang).map((figure): Cell => {
    const { symbol, label, tone } = figure;
    const number = segment(valueText(figure), tone, true);
    const change = segment(` ${changeText(figure)}`, 'muted');
    const short = segment(`${symbol || label} `, tone);
    return cell(
      0,
      [segment(`${symbol ? `${symbol} ` : ''}${label} `, tone), number, per, change],
      [short, number, per, change],
      [short, number],
    );
  });
  const facts = factCells(pipeline, lang).map(({ name, value, rank }) =>
    cell(rank, [segment(`${name} `, 'muted'), segment(value)]),
  );
  return fitCells([...figures, ...facts, selector(pipeline, index, count, lang)], width);
}

function factCells(pipeline: PipelineState, lang: Language): { name: string; value: string; rank: number }[] {
  const t = texts[lang];
  const { today, unknown, values } = factsOf(pipeline);
  const unknownText = unknown === null ? '–' : `${formatCount(unknown)}${formatPer(pipeline.window)}`;
  return [
    { name: t.today, value: formatCount(today), rank: 2 },
    { name: t.unknown, value: unknownText, rank: 4 },
    ...(values === null ? [] : [{ name: t.values, value: formatCount(values), rank: 5 }]),
  ];
}

function selector(pipeline: PipelineState, index: number, count: number, lang: Language): Cell {
  const name = segment(`‹${pipeline.title[lang]}›`, 'text', true);
  const place = count > 1 ? [segment(` ${index + 1}/${count}`, 'muted')] : [];
  const word = segment(`${texts[lang].pipeline} `, 'muted');
  return rightCell([6, 3, 1], [word, name, ...place], [name, ...place], [name]);
}

/** Three lines; undefined where the numbers themselves are too wide for that. */
function bigLines({ pipeline, index, count }: Selection, width: number, lang: Language): Line[] | undefined {
  const per = formatPer(pipeline.window);
  const blocks = figuresOf(pipeline, lang).map((figure) => {
    const { symbol, label, tone, share, value } = figure;
    const beside: Line[] = [
      [segment(`${symbol ? `${symbol} ` : ''}${label}`, tone)],
      [segment(share === null ? '' : formatPercent(share), 'muted')],
      [segment(value === null ? '' : `${per} ${changeText(figure)}`, 'muted')],
    ];
    const digits = bigDigits(valueText(figure));
    return square(beside.map((line, row) => [segment(digits[row] ?? '', tone, true), spaces(2), ...line]));
  });
  if (blocks.reduce((sum, [line]) => sum + lineWidth(line ?? []) + gap, 0) > width) return undefined;
  const named = factCells(pipeline, lang);
  const nameWidth = Math.max(...named.map(({ name }) => widthOf(name)));
  const facts = square(
    [0, 1, 2].map((row) => {
      const fact = named[row];
      return fact ? [...padLine([segment(fact.name, 'muted')], nameWidth + 1), segment(fact.value)] : [];
    }),
  );
  const { variants, rank } = selector(pipeline, index, count, lang);
  // On every row cells of the same widths, so that the same ones leave.
  const below = variants.map((line) => [spaces(lineWidth(line))]);
  return [0, 1, 2].map((row) =>
    fitCells(
      [
        ...blocks.map((block) => cell(0, block[row] ?? [])),
        cell(2, facts[row] ?? []),
        { rank, right: true, variants: row === 0 ? variants : below },
      ],
      width,
      gap,
    ),
  );
}

const gap = 4;

function square(lines: readonly Line[]): Line[] {
  const widest = Math.max(...lines.map(lineWidth));
  return lines.map((line) => padLine(line, widest));
}
