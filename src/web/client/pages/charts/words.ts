import type { Language } from '../../state/figures.ts';

const zh = {
  title: '图表',
};

export type ChartsWords = typeof zh;

const en: ChartsWords = {
  title: 'Charts',
};

export const chartsWords: Record<Language, ChartsWords> = { zh, en };
