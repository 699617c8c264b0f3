import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { docsWords } from './words.ts';
import './docs.css';

export function DocsPage(_props: PageProps) {
  const { language } = useSettings();
  const t = docsWords[language];
  return (
    <main className="docs-page">
      <h2>{t.title}</h2>
    </main>
  );
}
