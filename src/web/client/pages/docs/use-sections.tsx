import type { FeedState } from '../../state/feed.ts';
import { CodeBlock } from './code-block.tsx';
import { commandsFor } from './examples.ts';
import { PlainTable } from './plain-table.tsx';
import { Prose } from './prose.tsx';
import { Section } from './section.tsx';
import type { DocsWords } from './words.ts';

interface UseSectionsProps {
  t: DocsWords;
  state: FeedState;
  now: number;
}

/** Keys of the pages, and the ways to the data besides them. */
export function UseSections({ t, state, now }: UseSectionsProps) {
  const pipeline = state.pipelines[0]?.name ?? 'gender';
  const topic = state.status.pipelines?.[pipeline]?.resultTopic ?? 'result';
  const broker = state.status.broker?.address ?? 'localhost:9092';
  const commands = commandsFor(new URL('./', document.baseURI).href, pipeline, now);
  const code = (name: keyof DocsWords['useExamples'], text: string) => (
    <CodeBlock label={t.useExamples[name]} code={text} t={t} />
  );
  return (
    <>
      <Section id="keys" t={t}>
        <p>{t.keysIntro}</p>
        <PlainTable
          caption={t.sections.keys}
          columns={[t.key, t.does]}
          rows={t.keys.map(({ keys, text }) => ({
            id: keys.join(),
            cells: [
              <span key="keys" className="docs-spaced">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </span>,
              text,
            ],
          }))}
        />
      </Section>
      <Section id="use" t={t}>
        <Way t={t} name="http" />
        {code('totals', commands.totals)}
        {code('minutes', commands.minutes)}
        {code('csv', commands.csv)}
        <Way t={t} name="socket" />
        {code('socket', commands.socket)}
        <PlainTable
          caption="/ws"
          columns={[t.message, t.meaning]}
          rows={t.messages.map(({ name, text }) => ({ id: name, cells: [<code key="name">{name}</code>, text] }))}
        />
        <Way t={t} name="files" />
        {code('export', commands.export)}
        <Way t={t} name="metrics" />
        {code('prometheus', commands.prometheus)}
        <Way t={t} name="topics" />
        {code('tail', `dashctl tail ${topic} --brokers ${broker} -o start`)}
        {code('kcat', `kcat -b ${broker} -t ${topic} -X isolation.level=read_committed`)}
      </Section>
    </>
  );
}

function Way({ t, name }: { t: DocsWords; name: keyof DocsWords['use'] }) {
  const { title, text } = t.use[name];
  return (
    <>
      <h4>{title}</h4>
      <p>
        <Prose text={text} />
      </p>
    </>
  );
}
