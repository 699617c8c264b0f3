import { useRef } from 'react';
import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { ApiSection } from './api-section.tsx';
import { FormatSections } from './format-sections.tsx';
import { ReadingSections } from './reading-sections.tsx';
import { UseSections } from './use-sections.tsx';
import { useTarget } from './use-target.ts';
import { docsWords, sectionIds } from './words.ts';
import './docs.css';
import './docs-parts.css';

/** What is shown, how to read it, and how to have it elsewhere. */
export function DocsPage({ state, now, navigation }: PageProps) {
  const { language } = useSettings();
  const t = docsWords[language];
  const content = useRef<HTMLElement>(null);
  useTarget(content);
  return (
    <main className="docs-page">
      <nav className="docs-contents" aria-label={t.contents}>
        <ul>
          {sectionIds.map((id) => (
            <li key={id}>
              <a href={`#${id}`}>{t.sections[id]}</a>
            </li>
          ))}
        </ul>
      </nav>
      <article className="panel docs-text" ref={content}>
        <h2>{t.title}</h2>
        <ReadingSections t={t} navigation={navigation} />
        <FormatSections t={t} state={state} />
        <UseSections t={t} state={state} now={now} />
        <ApiSection t={t} pipeline={state.pipelines[0]?.name ?? 'gender'} />
      </article>
    </main>
  );
}
