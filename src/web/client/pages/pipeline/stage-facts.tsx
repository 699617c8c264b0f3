import type { ReactNode } from 'react';
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
  /** A span of time up to now, such as `0.07 s`. */
  behind: (time: number) => string;
  /** When the newest window ended, epoch ms. */
  newest: number | undefined;
  toScreen: ReactNode;
}

type Facts = (status: StageStatus, context: FactContext) => (StageFact | undefined)[];

const count = (name: string, value: number | undefined, isTrouble = false): StageFact | undefined =>
  value === undefined ? undefined : { name, value: formatCount(value), warn: isTrouble && value > 0 };

const topicList = (topics: readonly (string | undefined)[], name: string): StageFact => {
  const names = [...new Set(topics)].filter((topic) => topic !== undefined);
  return {
    name,
    value: (
      <span className="topics">
        {names.map((topic) => (
          <span key={topic}>{topic} </span>
        ))}
      </span>
    ),
  };
};

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
      topics.length > 0 ? topicList(topics, t.topics) : undefined,
    ];
  },
  aggregate({ aggregate, lag, watermark, late, pipelines = {} }, { t, state, behind }) {
    if (!aggregate) return [count(t.late, late, true)];
    const rejected = Object.values(pipelines).reduce((most, status) => Math.max(most, status.rejected ?? 0), 0);
    return [
      count(t.windows, aggregate.windows),
      lag === undefined ? undefined : { name: t.lag, value: formatCount(lag), warn: state === 'lagging' },
      watermark === undefined ? undefined : { name: t.watermark, value: formatFineTime(watermark) },
      watermark === undefined ? undefined : { name: t.behind, value: state === 'running' ? behind(watermark) : t.idle },
      count(t.late, late, true),
      count(t.rejected, rejected, true),
    ];
  },
  results({ pipelines = {}, unreadable, store }, { t, state, newest, behind }) {
    const topics = Object.values(pipelines).map(({ resultTopic }) => resultTopic);
    return [
      newest === undefined ? undefined : { name: t.newest, value: t.ago(behind(newest)) },
      store?.lag === undefined ? undefined : { name: t.lag, value: formatCount(store.lag), warn: state === 'lagging' },
      unreadable ? count(t.unreadable, unreadable, true) : undefined,
      topics.length > 0 ? topicList(topics, t.topics) : undefined,
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
  pages({ pages }, { t, toScreen }) {
    return [
      pages === undefined ? undefined : { name: t.connected, value: t.pageCount(formatCount(pages)) },
      { name: '', value: toScreen },
    ];
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
