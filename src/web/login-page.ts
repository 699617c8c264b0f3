export type LoginFault = 'wrong' | 'tooMany';

const words = {
  zh: {
    lang: 'zh-CN',
    title: '需要访问令牌',
    explanation: '此看板只对知道令牌的人开放。令牌由启动 dashctl 的人用 --token 设定。',
    label: '令牌',
    submit: '进入',
    wrong: '令牌不对，请再试一次。',
    tooMany: '尝试次数过多，请一分钟后再试。',
  },
  en: {
    lang: 'en',
    title: 'This page needs a token',
    explanation: 'It is shown to those who know the token, which was set with --token where dashctl was started.',
    label: 'Token',
    submit: 'Open',
    wrong: 'That is not the token. Try again.',
    tooMany: 'Too many attempts. Try again in a minute.',
  },
} as const;

/** The language that a reader's browser asks for first, of those that there are. */
export function languageOf(accepted: string | undefined): 'zh' | 'en' {
  const wanted = (accepted ?? '')
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [tag = '', quality = 'q=1'] = entry.split(';').map((part) => part.trim().toLowerCase());
      return { tag, quality: Number(quality.replace(/^q=/, '')) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const known = wanted.flatMap(({ tag }) =>
    /^zh\b/.test(tag) ? ['zh' as const] : /^en\b/.test(tag) ? ['en' as const] : [],
  );
  return known[0] ?? (wanted.length === 0 ? 'zh' : 'en');
}

/** The page that asks for the token, and goes on to `next` with it. */
export function loginPage(language: 'zh' | 'en', next: string, fault?: LoginFault): string {
  const { lang, title, explanation, label, submit, ...faults } = words[language];
  const told = fault === undefined ? '' : `<p id="fault" role="alert">${faults[fault]}</p>`;
  const described = fault === undefined ? 'explanation' : 'fault explanation';
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>${title} · dashctl</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>${title}</h1>
<p id="explanation">${explanation}</p>
<form method="post" action="/login">
<input type="hidden" name="next" value="${escaped(next)}">
<label for="token">${label}</label>
<input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false" aria-describedby="${described}">
${told}
<button type="submit">${submit}</button>
</form>
</main>
</body>
</html>
`;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
