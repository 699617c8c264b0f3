import { pageNames } from '../../../page-names.ts';
import { PageLink } from '../../components/page-link.tsx';
import { useSettings } from '../../components/settings.ts';
import type { Navigation } from '../../state/route.ts';
import { Prose } from './prose.tsx';
import { Section } from './section.tsx';
import type { DocsWords } from './words.ts';

/** What each page shows, and what its words mean. */
export function ReadingSections({ t, navigation }: { t: DocsWords; navigation: Navigation }) {
  const { t: words } = useSettings();
  return (
    <>
      <Section id="pages" t={t}>
        <p>
          <Prose text={t.pagesIntro} />
        </p>
        <dl className="docs-list">
          {pageNames.map((name) => (
            <div key={name}>
              <dt>
                <PageLink page={name} navigation={navigation}>
                  {words.pageNames[name]}
                </PageLink>
              </dt>
              <dd>
                <Prose text={t.pages[name]} />
              </dd>
            </div>
          ))}
        </dl>
        <p>
          <Prose text={t.line} />
        </p>
      </Section>
      <Section id="terms" t={t}>
        <dl className="docs-list">
          {t.terms.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Prose text={text} />
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section id="flow" t={t}>
        <p>
          <Prose text={t.flowIntro} />
        </p>
        <ol className="docs-flow">
          {t.flow.map(({ name, note, by }) => (
            <li key={name}>
              <span className="docs-step">
                <b>{name}</b>
                <small>{note}</small>
              </span>
              {by && (
                <span className="docs-arrow">
                  <code>{by}</code>
                </span>
              )}
            </li>
          ))}
        </ol>
        <p>
          <Prose text={t.flowOutro} />
        </p>
      </Section>
    </>
  );
}
