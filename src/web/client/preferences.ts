import type { Language } from './state/figures.ts';

export type Theme = 'dark' | 'light';

// A browser may refuse storage; the page then forgets the choice and works all the same.
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Nothing to do: the choice holds until the page is closed.
  }
}

/** The reader's own choice, else the language that the server was started with. */
export function startLanguage(): Language {
  const chosen = read('language');
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
}

export function keepLanguage(language: Language): void {
  write('language', language);
}

const prefersLight = matchMedia('(prefers-color-scheme: light)');

/** The reader's own choice, else that of the system. */
export function currentTheme(): Theme {
  const chosen = read('theme');
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return prefersLight.matches ? 'light' : 'dark';
}

export function keepTheme(theme: Theme): void {
  write('theme', theme);
}

/** Calls back when the system changes between dark and light. */
export function onSystemTheme(listener: () => void): () => void {
  prefersLight.addEventListener('change', listener);
  return () => prefersLight.removeEventListener('change', listener);
}

/** The thresholds of the reader, as texts; undefined where none were ever set. */
export const keptRules = (): string[] => read('rules')?.split('\n') ?? [];

export function keepRules(rules: readonly string[]): void {
  write('rules', rules.join('\n'));
}
