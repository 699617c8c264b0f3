import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { chartsWords } from './words.ts';
import './charts.css';

export function ChartsPage(_props: PageProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  return (
    <main className="charts-page">
      <h2>{t.title}</h2>
    </main>
  );
}
