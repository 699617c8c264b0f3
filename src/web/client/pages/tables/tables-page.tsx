import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { tablesWords } from './words.ts';
import './tables.css';

export function TablesPage(_props: PageProps) {
  const { language } = useSettings();
  const t = tablesWords[language];
  return (
    <main className="tables-page">
      <h2>{t.title}</h2>
    </main>
  );
}
