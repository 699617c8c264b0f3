import type { Language } from '../../state/figures.ts';

const zh = {
  title: '流水线',
};

export type PipelineWords = typeof zh;

const en: PipelineWords = {
  title: 'Pipeline',
};

export const pipelineWords: Record<Language, PipelineWords> = { zh, en };
