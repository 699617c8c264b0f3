import { Writable } from 'node:stream';
import type { StageFault } from '../../web/messages.ts';
import { presentableText } from './presentable-text.ts';

/** What the stages of a process complained of, for those who see its pages and not its log. */
export interface StageFaults {
  /** Where the logger writes warnings and errors as JSON lines. */
  stream: NodeJS.WritableStream;
  /** The latest first; a new list each time something has come. */
  readonly list: readonly StageFault[];
}

const mostOfStage = 3;
const mostInAll = 12;

/**
 * Creates an empty collection. Messages that differ in their numbers alone are one fault, told in its latest words; of
 * each stage and level the latest few are kept.
 */
export function stageFaults(): StageFaults {
  const kept = new Map<string, StageFault>();
  let list: readonly StageFault[] = [];

  const note = ({ level, stage, msg, time }: Record<string, unknown>) => {
    const fault = {
      stage: typeof stage === 'string' ? stage : '',
      level: typeof level === 'number' && level >= 50 ? ('error' as const) : ('warn' as const),
      text: presentableText(String(msg ?? '')),
    };
    const key = `${fault.stage} ${fault.level} ${fault.text.replace(/\d[\d,.]*/g, '#')}`;
    const count = (kept.get(key)?.count ?? 0) + 1;
    // Put at the end: the map is in the order of the latest words.
    kept.delete(key);
    kept.set(key, { ...fault, count, time: typeof time === 'number' ? time : Date.now() });
    const alike = [...kept].filter(([, { stage: other, level: its }]) => other === fault.stage && its === fault.level);
    for (const [old] of alike.slice(0, -mostOfStage)) kept.delete(old);
    for (const [old] of [...kept].slice(0, -mostInAll)) kept.delete(old);
    list = [...kept.values()].reverse();
  };

  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      for (const line of String(chunk).split('\n')) if (line !== '') note(JSON.parse(line));
      done();
    },
  });
  return {
    stream,
    get list() {
      return list;
    },
  };
}
