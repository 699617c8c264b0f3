import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  level: LogLevel;
  format: 'pretty' | 'json';
  color: boolean;
  /** Where lines go; stderr unless a test or the terminal view takes them. */
  destination?: NodeJS.WritableStream;
  /** Is given warnings and errors as JSON lines as well, also those that `level` hides. */
  listener?: NodeJS.WritableStream | undefined;
}

/**
 * The logger of a process. Lines go to stderr, since stdout carries data.
 * pino's `transport` option needs worker files that a bundle does not have, so pretty printing is an in-process stream.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, listener } = options;
  const stream = lineStream(options);
  if (!listener) return pino({ level, base: null }, stream);
  const streams = [
    { level: levelNumber(level), stream },
    { level: levelNumber('warn'), stream: listener },
  ];
  const least = levelNumber(level) <= levelNumber('warn') ? level : 'warn';
  return pino({ level: least, base: null }, pino.multistream(streams));
}

const levelNumber = (level: LogLevel): number => pino.levels.values[level] ?? Number.POSITIVE_INFINITY;

function lineStream({ level, format, color, destination = process.stderr }: LoggerOptions) {
  if (format === 'json') return destination;
  return pretty({
    colorize: color,
    ignore: 'pid,hostname,stage',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if stage}{stage}: {end}{msg}',
    // Fields and stack traces are for those who look for a fault; the message says it all.
    hideObject: level !== 'debug' && level !== 'trace',
    destination,
  });
}
