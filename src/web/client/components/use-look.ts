import { useEffect, useState } from 'react';
import { currentTheme, keepLanguage, keepTheme, onSystemTheme, startLanguage } from '../preferences.ts';

/** Language and theme, as the reader has chosen them. */
export function useLook() {
  const [language, setLanguage] = useState(startLanguage);
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  useEffect(() => onSystemTheme(() => setTheme(currentTheme())), []);
  // Children read colours from the style sheet while they render, so it is set before them, not in an effect after.
  document.documentElement.dataset.theme = theme;
  return {
    language,
    theme,
    switchLanguage() {
      const chosen = language === 'zh' ? 'en' : 'zh';
      keepLanguage(chosen);
      setLanguage(chosen);
    },
    switchTheme() {
      const chosen = theme === 'dark' ? 'light' : 'dark';
      keepTheme(chosen);
      setTheme(chosen);
    },
  };
}
