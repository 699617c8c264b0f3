import { Writable } from 'node:stream';
import type { LogLine } from '../../tui/dashboard-state.ts';

/** Takes the log of a process whose terminal is a view, and keeps its last lines. */
export interface LogRing {
  /** Where the logger writes JSON lines. */
  stream: NodeJS.WritableStream;
  /** Oldest first. */
  lines: readonly LogLine[];
}

const kept = 200;

const levelOf = (level: unknown): LogLine['level'] => {
  if (typeof level !== 'number' || level < 30) return 'debug';
  if (level < 40) return 'info';
  return level < 50 ? 'warn' : 'error';
};

/** Creates an empty ring. */
export function logRing(): LogRing {
  const lines: LogLine[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      for (const text of String(chunk).split('\n')) {
        if (text === '') continue;
        const { time, level, stage, msg }: Record<string, unknown> = JSON.parse(text);
        lines.push({
          time: typeof time === 'number' ? time : Date.now(),
          level: levelOf(level),
          text: typeof stage === 'string' ? `${stage}: ${msg}` : String(msg),
        });
      }
      lines.splice(0, lines.length - kept);
      done();
    },
  });
  return { stream, lines };
}
