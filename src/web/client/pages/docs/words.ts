import type { PageName } from '../../../page-names.ts';
import type { Language } from '../../state/figures.ts';
import { en } from './words-en.ts';
import { zh } from './words-zh.ts';

/** The parts of the page in their order, by the names that links use. */
export const sectionIds = ['pages', 'terms', 'flow', 'formats', 'columns', 'keys', 'use', 'api'] as const;
export type SectionId = (typeof sectionIds)[number];

/** All that the page says. Between backticks stand names of the program, the same in both languages. */
export interface DocsWords {
  title: string;
  contents: string;
  sections: Record<SectionId, string>;
  copy: string;
  copied: string;
  selected: string;
  pagesIntro: string;
  pages: Record<PageName, string>;
  line: string;
  terms: readonly { name: string; text: string }[];
  flowIntro: string;
  flow: readonly { name: string; note: string /** The stage that takes it on. */; by?: string }[];
  flowOutro: string;
  source: { title: string; text: string; example: string };
  result: {
    title: string;
    text: string;
    ownWindow: (time: string) => string;
    sampleWindow: string;
    parts: Record<'key' | 'value' | 'timestamp' | 'headers', string>;
    part: string;
    meaning: string;
    object: string;
    replaces: string;
  };
  topics: { title: string; pipeline: string; column: string; source: string; result: string; window: string };
  columnsIntro: string;
  column: string;
  meaning: string;
  columns: Record<string, string>;
  codes: (column: string) => string;
  code: string;
  unknown: string;
  empty: string;
  rows: string;
  keysIntro: string;
  key: string;
  does: string;
  keys: readonly { keys: readonly string[]; text: string }[];
  use: Record<'http' | 'socket' | 'files' | 'metrics' | 'topics', { title: string; text: string }>;
  useExamples: Record<'totals' | 'minutes' | 'csv' | 'socket' | 'export' | 'prometheus' | 'tail' | 'kcat', string>;
  messages: readonly { name: string; text: string }[];
  message: string;
  api: {
    intro: string;
    loading: string;
    missing: string;
    tryIt: string;
    parameter: string;
    type: string;
    standard: string;
    meaning: string;
    required: string;
    answers: string;
    /** What the server says of its routes and parameters in English, in the page's language. */
    routes: Record<string, string>;
    parameters: Record<string, string>;
  };
}

export const docsWords: Record<Language, DocsWords> = { zh, en };
