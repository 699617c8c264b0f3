import type { Language } from '../../state/figures.ts';

const zh = {
  title: '文档',
};

export type DocsWords = typeof zh;

const en: DocsWords = {
  title: 'Documentation',
};

export const docsWords: Record<Language, DocsWords> = { zh, en };
