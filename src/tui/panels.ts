import type { DashboardState, LogLine, PipelineState } from './dashboard-state.ts';
import { centerLine, cutLine, type Line, lineWidth, padLine, segment, spaces, type Tone } from './line.ts';
import { type Language, texts } from './texts.ts';

/** What stands in the place of the chart while there is nothing to draw: a sentence, and what to do. Null: draw. */
export function emptySentence(
  state: DashboardState,
  pipeline: PipelineState | undefined,
  lang: Language,
): { what: string; todo: string; tone: Tone } | null {
  if (pipeline && pipeline.windows.length > 0) return null;
  const { states } = texts[lang];
  const say = ([what, todo]: readonly [string, string], tone: Tone = 'text') => ({ what, todo, tone });
  const { connection, broker, produce, aggregate, error } = state;
  if (connection === 'failed')
    return say(error ? [error.message, error.hint ?? states.failed[1]] : states.failed, 'bad');
  if (connection === 'stopping') return say(states.stopping);
  if (connection !== 'live')
    return say(broker && !broker.embedded ? states.connecting(broker.address) : states.starting);
  if (!pipeline) return say(states.noPipeline);
  if (produce?.state === 'paused') return say(states.paused);
  if (produce?.state === 'done' && !aggregate?.lag) return say(states.nothing);
  if ((produce?.rows ?? 0) > 0) return say(states.waiting);
  return say(produce ? states.starting : states.empty(pipeline.topic));
}

/** A sentence and what to do, in the middle of exactly `rows` rows. */
export function sentenceLines(
  { what, todo, tone }: { what: string; todo: string; tone: Tone },
  width: number,
  rows: number,
): Line[] {
  const sentence = [segment(tone === 'bad' ? `✗ ${what}` : what, tone, true)];
  const lines = [sentence, [segment(todo, 'muted')]].slice(0, rows).map((line) => centerLine(line, width));
  const above = Math.floor((rows - lines.length) / 2);
  return Array.from({ length: rows }, (_, row) => lines[row - above] ?? []);
}

/** The failure of a run that goes on, or whose last numbers are still worth seeing: one line. */
export function errorLine({ message, hint }: { message: string; hint: string | null }, width: number): Line {
  return cutLine([segment(`✗ ${message}`, 'bad'), ...(hint ? [segment(`  ${hint}`, 'muted')] : [])], width);
}

const levelTones: Readonly<Record<LogLine['level'], Tone>> = {
  debug: 'muted',
  info: 'muted',
  warn: 'warn',
  error: 'bad',
};

/** The newest lines of the log under a rule, in exactly `rows` rows. */
export function logLines(
  log: readonly LogLine[],
  { width, rows, lang, clock }: { width: number; rows: number; lang: Language; clock: (time: number) => string },
): Line[] {
  if (rows <= 0) return [];
  const t = texts[lang];
  const title = [segment('── ', 'muted'), segment(t.log), segment(' ', 'muted')];
  const rule: Line = [...title, segment('─'.repeat(Math.max(0, width - lineWidth(title))), 'muted')];
  const shown = rows > 1 ? log.slice(1 - rows) : [];
  const lines = shown.map(({ time, level, text }) =>
    cutLine(
      [segment(`${clock(time)} `, 'muted'), segment(`${level.padEnd(5)} `, levelTones[level]), segment(text)],
      width,
    ),
  );
  if (lines.length === 0 && rows > 1) lines.push([segment(t.logEmpty, 'muted')]);
  return Array.from({ length: rows }, (_, row) => (row === 0 ? rule : (lines[row - 1] ?? [])));
}

/** What the keys do and what the words mean, in exactly `rows` rows; what does not fit is left out at the end. */
export function helpLines(width: number, rows: number, lang: Language): Line[] {
  const { help } = texts[lang];
  const both = [...help.lines, ...help.words];
  const nameWidth = Math.max(...both.map(([name]) => lineWidth([segment(name)])));
  const entry = ([name, text]: readonly [string, string]): Line => [
    spaces(2),
    ...padLine([segment(name)], nameWidth + 2),
    segment(text, 'muted'),
  ];
  const keys: Line[] = [[segment(help.keys, 'text', true)], ...help.lines.map(entry)];
  const terms: Line[] = [[segment(help.terms, 'text', true)], ...help.words.map(entry)];
  const roomy = rows >= keys.length + terms.length + 3;
  const lines = roomy ? [[], ...keys, [], ...terms] : [...keys, ...terms];
  return Array.from({ length: rows }, (_, row) => cutLine(lines[row] ?? [], width));
}
