import type { Label, PipelineInfo } from '../../../messages.ts';

export interface CodeTable {
  column: 'action' | 'age_range' | 'gender';
  codes: readonly { codes: readonly string[]; label: Label }[];
  unknown: readonly string[];
}

type Labels = Record<string, Label>;
const age = (text: string): Label => ({ zh: text, en: text });

// For a server that counts something else: the columns are those of the file all the same.
const standard: Record<'action' | 'age' | 'gender', { labels: Labels; unknown: readonly string[] }> = {
  action: {
    labels: {
      0: { zh: '点击', en: 'Click' },
      1: { zh: '加入购物车', en: 'Add to cart' },
      2: { zh: '购买', en: 'Buy' },
      3: { zh: '关注', en: 'Favourite' },
    },
    unknown: ['NULL', ''],
  },
  age: {
    labels: {
      1: age('<18'),
      2: age('18–24'),
      3: age('25–29'),
      4: age('30–34'),
      5: age('35–39'),
      6: age('40–49'),
      7: age('≥50'),
      8: age('≥50'),
    },
    unknown: ['0', 'NULL', ''],
  },
  gender: {
    labels: { 0: { zh: '女生', en: 'Female' }, 1: { zh: '男生', en: 'Male' } },
    unknown: ['2', 'NULL', ''],
  },
};

const columns = { action: 'action', age: 'age_range', gender: 'gender' } as const;

/** What the codes of three columns mean: as the pipelines of the server call them, else as they are called by default. */
export const codeTables = (pipelines: readonly PipelineInfo[]): CodeTable[] =>
  (['action', 'age', 'gender'] as const).map((name) => {
    const { labels, unknown } = pipelines.find((pipeline) => pipeline.name === name) ?? standard[name];
    const groups = new Map<string, { codes: string[]; label: Label }>();
    for (const [code, label] of Object.entries(labels)) {
      const id = `${label.zh}/${label.en}`;
      const group = groups.get(id) ?? { codes: [], label };
      group.codes.push(code);
      groups.set(id, group);
    }
    return { column: columns[name], codes: [...groups.values()], unknown };
  });
