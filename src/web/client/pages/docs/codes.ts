import { type Label, namesakes } from '../../../../records/labels.ts';
import { builtInPipelines } from '../../../../records/pipelines.ts';
import type { PipelineInfo } from '../../../messages.ts';

export interface CodeTable {
  column: (typeof columns)[keyof typeof columns];
  codes: readonly { codes: readonly string[]; label: Label }[];
  unknown: readonly string[];
}

const columns = { action: 'action', age: 'age_range', gender: 'gender' } as const;

/**
 * What the codes of three columns mean: as the pipelines of the server call them. Where it counts something else they
 * are called as they are by default, for the columns are those of the file all the same.
 */
export const codeTables = (pipelines: readonly PipelineInfo[]): CodeTable[] =>
  (['action', 'age', 'gender'] as const).map((name) => {
    const named = [...pipelines, ...builtInPipelines].find((pipeline) => pipeline.name === name);
    const { labels = {}, unknown = [] } = named ?? {};
    const codes = namesakes(labels).map(({ values, label }) => ({ codes: values, label }));
    return { column: columns[name], codes, unknown };
  });
