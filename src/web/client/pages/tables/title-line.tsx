import type { PipelineInfo } from '../../../messages.ts';
import { Icon } from '../../components/icons.tsx';
import type { Language } from '../../state/figures.ts';
import { csvOf } from './request.ts';
import { Tabs } from './tabs.tsx';
import { changeView, type TablesView } from './view.ts';
import type { TablesWords } from './words.ts';

interface TitleLineProps {
  view: TablesView;
  pipeline: PipelineInfo;
  pipelines: readonly PipelineInfo[];
  now: number;
  /** Id of the part of the page that the tabs change. */
  area: string;
  language: Language;
  t: TablesWords;
  onView: (view: TablesView) => void;
}

/** Which table, of which pipeline, and its rows as a file. */
export function TitleLine({ view, pipeline, pipelines, now, area, language, t, onView }: TitleLineProps) {
  const csv = csvOf(view, pipeline.name, now);
  return (
    <header className="tables-header">
      <h2>{t.title}</h2>
      <Tabs
        label={t.title}
        names={t.tabs}
        current={view.tab}
        controls={area}
        onChoose={(tab) => onView(changeView(view, { tab }))}
      />
      <select
        aria-label={t.pipeline}
        value={pipeline.name}
        onChange={({ target }) => onView(changeView(view, { pipeline: target.value }))}
      >
        {pipelines.map(({ name, title }) => (
          <option key={name} value={name}>
            {title[language]}
          </option>
        ))}
      </select>
      <a className="tables-button" href={csv.href} download={csv.name}>
        <Icon name="save" />
        {t.csv}
      </a>
    </header>
  );
}
