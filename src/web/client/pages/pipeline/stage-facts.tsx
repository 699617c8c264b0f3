import type { StageStatus } from '../../../messages.ts';
import { formatCount, formatFineTime } from '../../state/format.ts';
import type { StageFact } from './stage-card.tsx';
import type { StageName, StageState } from './stage-states.ts';
import { formatBytes } from './times.ts';
import type { PipelineWords } from './words.ts';

/** What facts are made of, besides the status. */
interface FactContext {
  t: PipelineWords;
  state: StageState;
  span: (length: number) => string;
  /** How long ago the newest window ended, as text. */
  newest: string | undefined;
}

type Facts = (status: StageStatus, context: FactContext) => (StageFact | undefined)[];

const count = (name: string, value: number | undefined, isTrouble = false): StageFact | undefined =>
  value === undefined ? undefined : { name, value: formatCount(value), warn: isTrouble && value > 0 };

const mostOf = (values: readonly (number | undefined)[]): number | undefined =>
  values.reduce((most, value) => (value === undefined ? most : Math.max(most ?? value, value)), undefined);

const topicCount = (topics: readonly string[], name: string) => count(name, new Set(topics).size || undefined);

/** The figures of each stage, as far as this process knows them. */
export const factsOf: Record<StageName, Facts> = {
  produce({ produce }, { t }) {
    if (!produce) return [];
    const { source, rows, target, percent, rejected } = produce;
    return [
      { name: t.file, value: <span className="ellipsis">{source}</span> },
      { name: t.rows, value: t.rowCount(formatCount(rows)) },
      { name: t.target, value: target === null ? t.fullSpeed : `${formatCount(target)} ${t.units.rows}` },
      { name: t.progress, value: percent === null ? t.endless : `${percent.toFixed(1)} %` },
      count(t.rejected, rejected, true),
    ];
  },
  topics({ broker, pipelines = {} }, { t }) {
    const topics = Object.values(pipelines).map(({ topic }) => topic);
    return [
      broker && { name: t.broker, value: `${broker.embedded ? t.embedded : t.external} ${broker.address}` },
      broker?.logBytes === undefined ? undefined : { name: t.onDisk, value: formatBytes(broker.logBytes) },
      topicCount(topics, t.topics),
    ];
  },
  aggregate({ aggregate, lag, watermark, late, pipelines = {} }, { t, state, span }) {
    if (!aggregate) return [count(t.late, late, true)];
    const rejected = mostOf(Object.values(pipelines).map((pipeline) => pipeline.rejected)) ?? 0;
    const behind = mostOf(Object.values(pipelines).map((pipeline) => pipeline.behind));
    return [
      count(t.windows, aggregate.windows),
      lag === undefined ? undefined : { name: t.lag, value: formatCount(lag), warn: state === 'lagging' },
      watermark === undefined ? undefined : { name: t.watermark, value: formatFineTime(watermark) },
      watermark === undefined ? undefined : { name: t.behind, value: behind === undefined ? t.idle : span(behind) },
      count(t.late, late, true),
      count(t.rejected, rejected, true),
    ];
  },
  results({ pipelines = {}, unreadable, store }, { t, state, newest }) {
    const topics = Object.values(pipelines).map(({ resultTopic }) => resultTopic);
    return [
      newest === undefined ? undefined : { name: t.newest, value: newest },
      store?.lag === undefined ? undefined : { name: t.lag, value: formatCount(store.lag), warn: state === 'lagging' },
      unreadable ? count(t.unreadable, unreadable, true) : undefined,
      topicCount(topics, t.topics),
    ];
  },
  store({ store, stored }, { t }) {
    if (!store) return [count(t.stored, stored)];
    const { kind, readOnly, windows } = store;
    return [
      { name: t.kind, value: t.kinds[kind] ?? kind },
      { name: t.access, value: readOnly ? t.readOnly : t.writable },
      { name: readOnly ? t.following : t.storedNow, value: `${formatCount(windows)} ${t.windows}` },
      count(t.stored, stored),
    ];
  },
  pages({ pages }, { t }) {
    return [pages === undefined ? undefined : { name: t.connected, value: t.pageCount(formatCount(pages)) }];
  },
};

/** A sentence on a state that needs one. */
export function noteOf(name: StageName, state: StageState, { broker }: StageStatus, t: PipelineWords) {
  if (name === 'produce' && state === 'elsewhere') return t.notes.produce;
  if (name === 'aggregate' && state === 'elsewhere') return t.notes.aggregate;
  if (name === 'aggregate' && state === 'standby') return t.notes.standby;
  if (name === 'topics' && broker?.reachable === false) return t.notes.broker;
  if (name === 'store' && state === 'failed') return t.notes.store;
  return undefined;
}
