import { labelOf, namesakes } from '../../../records/labels.ts';
import type { PipelineInfo } from '../../messages.ts';
import type { FeedState } from '../state/feed.ts';
import { groupsOf, type Language, topOf } from '../state/figures.ts';
import { formatCount } from '../state/format.ts';
import { type Alert, idOf, type Rule, type Subject } from '../state/rules.ts';
import type { Words } from '../state/words.ts';

/** What a subject is called, by the pipelines that run. */
function nameOf(subject: Subject, pipelines: readonly PipelineInfo[], t: Words, language: Language): string {
  if (!('pipeline' in subject)) return t.subjects[subject.kind];
  const pipeline = pipelines.find(({ name }) => name === subject.pipeline);
  const title = pipeline?.title[language] ?? subject.pipeline;
  if (subject.kind === 'rate') return t.rateOf(title);
  return t.valueOf(title, labelOf(pipeline?.labels ?? {}, subject.value)?.[language] ?? subject.value);
}

/** What its limit is counted in. */
export const unitOf = ({ kind }: Subject, t: Words): string =>
  kind === 'value'
    ? t.perWindowUnit
    : kind === 'rate'
      ? t.perSecondUnit
      : kind === 'delay' || kind === 'quiet'
        ? 's'
        : '';

/** A rule as a sentence: its subject, above or below, and the limit. */
export const sentenceOf = (
  { subject, above, limit }: Rule,
  pipelines: readonly PipelineInfo[],
  t: Words,
  language: Language,
): string =>
  `${nameOf(subject, pipelines, t, language)} ${above ? t.above : t.below} ${formatCount(limit)} ${unitOf(subject, t)}`.trim();

/** What was found, without more digits than the eye can follow. */
export const foundOf = ({ found }: Alert): string => formatCount(Math.round(found * 10) / 10);

export interface SubjectGroup {
  name: string;
  subjects: { id: string; name: string }[];
}

const mostValues = 12;

/** The subjects to choose from: what the stages tell, and of each pipeline its rate and its values. */
export function subjectsOf({ pipelines, totals }: FeedState, t: Words, language: Language): SubjectGroup[] {
  const named = (subject: Subject) => ({ id: idOf(subject), name: nameOf(subject, pipelines, t, language) });
  const stages = {
    name: t.pageNames.pipeline,
    subjects: (['delay', 'quiet', 'late', 'rejected'] as const).map((kind) => named({ kind })),
  };
  const ofPipelines = pipelines.map((pipeline) => {
    const { name, labels, unknown } = pipeline;
    const labelled = namesakes(labels, (label) => label[language]).flatMap(
      ({ values }) => values.find((key) => !unknown.includes(key)) ?? [],
    );
    // The values without names are those that are greatest now.
    const values =
      labelled.length > 0
        ? labelled
        : topOf(groupsOf(pipeline, totals.get(name), language, ''), mostValues).map((group) => group.name);
    return {
      name: pipeline.title[language],
      subjects: [
        ...values.map((value) => named({ kind: 'value', pipeline: name, value })),
        named({ kind: 'rate', pipeline: name }),
      ],
    };
  });
  return [...ofPipelines, stages];
}
