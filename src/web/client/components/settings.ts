import { createContext, use } from 'react';
import type { Theme } from '../preferences.ts';
import type { Language } from '../state/figures.ts';
import { type Words, words } from '../state/words.ts';

interface SettingsValue {
  language: Language;
  theme: Theme;
  t: Words;
}

/** The reader's choices, for every part of the page. */
export const Settings = createContext<SettingsValue>({ language: 'zh', theme: 'dark', t: words.zh });

export const useSettings = () => use(Settings);
