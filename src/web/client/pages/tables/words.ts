import type { Language } from '../../state/figures.ts';

const zh = {
  title: '数据表',
};

export type TablesWords = typeof zh;

const en: TablesWords = {
  title: 'Tables',
};

export const tablesWords: Record<Language, TablesWords> = { zh, en };
