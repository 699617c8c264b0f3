import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { pipelineWords } from './words.ts';
import './pipeline.css';

export function PipelinePage(_props: PageProps) {
  const { language } = useSettings();
  const t = pipelineWords[language];
  return (
    <main className="pipeline-page">
      <h2>{t.title}</h2>
    </main>
  );
}
