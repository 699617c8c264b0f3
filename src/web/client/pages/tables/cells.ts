import { labelOf, namesakes } from '../../../../records/labels.ts';
import type { WindowRow } from '../../../answers.ts';
import type { PipelineInfo } from '../../../messages.ts';
import type { Language } from '../../state/figures.ts';

/** With more than that, values are a list in one cell, the greatest first. */
const mostColumns = 9;

/** A column of counts; values of one name are one column. */
export interface ValueColumn {
  name: string;
  keys: readonly string[];
}

/** The columns of a pipeline whose values have names and are few; undefined for the others. */
export function valueColumns(
  { labels, unknown }: PipelineInfo,
  language: Language,
  unknownName: string,
): ValueColumn[] | undefined {
  const named = namesakes(labels, (label) => label[language]).flatMap(({ values, label }) => {
    const keys = values.filter((key) => !unknown.includes(key));
    return keys.length > 0 ? [{ name: label[language], keys }] : [];
  });
  if (named.length === 0 || named.length > mostColumns) return undefined;
  return unknown.length > 0 ? [...named, { name: unknownName, keys: unknown }] : named;
}

/** Count of a column in a row; undefined when the row does not tell all of its values and may have it or not. */
export function countIn({ counts, values }: WindowRow, { keys }: ValueColumn): number | undefined {
  const told = keys.filter((key) => Object.hasOwn(counts, key));
  if (told.length < keys.length && values > Object.keys(counts).length) return undefined;
  return told.reduce((sum, key) => sum + (counts[key] ?? 0), 0);
}

/** What is in none of the columns. */
export const restOf = (row: WindowRow, columns: readonly ValueColumn[]): number =>
  row.total - columns.reduce((sum, column) => sum + (countIn(row, column) ?? 0), 0);

/** What a value is called. */
export function nameOf(key: string, { labels, unknown }: PipelineInfo, language: Language, words: NameWords): string {
  if (unknown.includes(key)) return words.unknown;
  return labelOf(labels, key)?.[language] ?? (key === '' ? words.emptyValue : key);
}

interface NameWords {
  unknown: string;
  emptyValue: string;
}

/** The greatest values of a row and how many there are besides; equal ones in the order of their keys. */
export function topValues(
  { counts, values }: WindowRow,
  most: number,
): { top: { key: string; count: number }[]; more: number } {
  const top = Object.entries(counts)
    .map(([key, count]) => ({ key, count }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, most);
  return { top, more: values - top.length };
}
