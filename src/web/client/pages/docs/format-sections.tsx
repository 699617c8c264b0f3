import type { ReactNode } from 'react';
import type { PipelineAnswer } from '../../../answers.ts';
import { useSettings } from '../../components/settings.ts';
import { useAnswer } from '../../state/ask.ts';
import type { FeedState } from '../../state/feed.ts';
import { formatCount, formatMoment } from '../../state/format.ts';
import { CodeBlock } from './code-block.tsx';
import { codeTables } from './codes.ts';
import { resultExample, sampleWindow } from './examples.ts';
import { PlainTable } from './plain-table.tsx';
import { Prose } from './prose.tsx';
import { Section } from './section.tsx';
import type { DocsWords } from './words.ts';

interface FormatSectionsProps {
  t: DocsWords;
  state: FeedState;
}

/** What lies in the topics, and what the columns of the log mean. */
export function FormatSections({ t, state }: FormatSectionsProps) {
  return (
    <>
      <Section id="formats" t={t}>
        <h4>{t.source.title}</h4>
        <p>
          <Prose text={t.source.text} />
        </p>
        <CodeBlock label={t.source.example} code={'0\n1\nNULL'} t={t} />
        <h4>{t.result.title}</h4>
        <p>
          <Prose text={t.result.text} />
        </p>
        <ResultRecord t={t} state={state} />
        <p>
          <Prose text={t.result.replaces} />
        </p>
        <Pipelines t={t} />
      </Section>
      <Section id="columns" t={t}>
        <p>
          <Prose text={t.columnsIntro} />
        </p>
        <PlainTable
          caption="user_log.csv"
          columns={[t.column, t.meaning]}
          rows={Object.entries(t.columns).map(([name, meaning]) => ({
            id: name,
            cells: [<code key="name">{name}</code>, meaning],
          }))}
        />
        <CodeTables t={t} state={state} />
        <p>
          <Prose text={t.rows} />
        </p>
      </Section>
    </>
  );
}

function ResultRecord({ t, state }: FormatSectionsProps) {
  const pipeline = state.pipelines[0]?.name ?? 'gender';
  const newest = state.windows.get(pipeline)?.at(-1);
  const lateDropped = newest ? (state.totals.get(pipeline)?.lateDropped ?? 0) : 0;
  const { key, timestamp, headers, list, object } = resultExample(pipeline, newest ?? sampleWindow, lateDropped);
  const lines = [
    `key: ${key}`,
    `value: ${list}`,
    `timestamp: ${timestamp}`,
    'headers:',
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
  ];
  return (
    <>
      <CodeBlock
        label={newest ? t.result.ownWindow(formatMoment(newest.start)) : t.result.sampleWindow}
        code={lines.join('\n')}
        t={t}
      />
      <PlainTable
        caption={t.result.title}
        columns={[t.result.part, t.result.meaning]}
        rows={(['key', 'value', 'timestamp', 'headers'] as const).map((part) => ({
          id: part,
          cells: [<code key="part">{part}</code>, t.result.parts[part]],
        }))}
      />
      <CodeBlock label={t.result.object.replaceAll('`', '')} code={object} t={t} />
    </>
  );
}

function Pipelines({ t }: { t: DocsWords }) {
  const { language } = useSettings();
  const { answer } = useAnswer<PipelineAnswer[]>('api/pipelines');
  if (!answer || answer.length === 0) return null;
  return (
    <>
      <h4>{t.topics.title}</h4>
      <PlainTable
        caption={t.topics.title}
        wide
        columns={[t.topics.pipeline, t.topics.column, t.topics.source, t.topics.result, t.topics.window]}
        rows={answer.map(({ name, title, column, field, topic, resultTopic, window }) => ({
          id: name,
          cells: [
            <span key="name">
              {title[language]} <code>{name}</code>
            </span>,
            <code key="column">{column ?? field ?? '–'}</code>,
            <code key="topic">{topic}</code>,
            <code key="result">{resultTopic}</code>,
            `${formatCount(window)} ms`,
          ],
        }))}
      />
    </>
  );
}

function CodeTables({ t, state }: FormatSectionsProps) {
  const { language } = useSettings();
  const code = (text: string) => <code key={text}>{text === '' ? t.empty : text}</code>;
  return (
    <div className="docs-codes">
      {codeTables(state.pipelines).map(({ column, codes, unknown }) => (
        <PlainTable
          key={column}
          caption={t.codes(column)}
          captionSeen
          columns={[t.code, t.meaning]}
          rows={[
            ...codes.map(({ codes: same, label }) => ({
              id: same.join(),
              cells: [<Spaced key="codes">{same.map(code)}</Spaced>, label[language]],
            })),
            { id: 'unknown', cells: [<Spaced key="codes">{unknown.map(code)}</Spaced>, t.unknown] },
          ]}
        />
      ))}
    </div>
  );
}

const Spaced = ({ children }: { children: ReactNode }) => <span className="docs-spaced">{children}</span>;
