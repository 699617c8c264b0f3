import { basename } from 'node:path';
import type { DashboardState, PipelineState } from './dashboard-state.ts';
import { cell, fitCells, rightCell } from './fit-cells.ts';
import { formatDelay, formatRate } from './format.ts';
import { type Line, type Segment, segment } from './line.ts';
import { type Language, texts } from './texts.ts';

/** The first line: what is shown, whether it is alive, and the time. */
export function headerLine(
  state: DashboardState,
  pipeline: PipelineState | undefined,
  { width, lang, clock }: { width: number; lang: Language; clock: (time: number) => string },
): Line {
  const { source, delay } = state;
  const t = texts[lang];
  const path = (name: string | null): Line => {
    const parts = [name, pipeline?.topic, pipeline?.resultTopic].filter((part) => part != null);
    return parts.flatMap((part, index) => [...(index > 0 ? [segment(' → ', 'muted')] : []), segment(part)]);
  };
  const name = source === null ? null : basename(source) || source;
  const late = delay !== null && delay > 5_000;
  return fitCells(
    [
      cell(5, [segment('dashctl up', 'text', true)], [segment('dashctl', 'text', true)]),
      cell(2, path(source), path(name), name === null ? [] : [segment(name)]),
      rightCell(0, status(state, pipeline, lang)),
      ...(delay === null
        ? []
        : [rightCell(4, [segment(`${t.delay} `, 'muted'), segment(formatDelay(delay), late ? 'warn' : 'text')])]),
      rightCell(3, [segment(clock(state.now), 'muted')]),
    ],
    width,
    3,
  );
}

function status(state: DashboardState, pipeline: PipelineState | undefined, lang: Language): Segment[] {
  const t = texts[lang];
  switch (state.connection) {
    case 'connecting':
    case 'reconnecting':
    case 'stopping':
      return [segment(`◌ ${t[state.connection]}`, 'warn')];
    case 'failed':
      return [segment(`✗ ${t.failed}`, 'bad')];
    case 'live': {
      const stalled = stalledFor(state, pipeline);
      if (stalled !== null) return [segment(`◌ ${t.stalled(formatDelay(stalled))}`, 'warn')];
      return [segment('●', 'good'), segment(` ${t.live}`)];
    }
  }
}

/** ms since the last window closed, when that is longer than rows that are being sent explain; else null. */
function stalledFor({ now, produce }: DashboardState, pipeline: PipelineState | undefined): number | null {
  const last = pipeline?.windows.at(-1);
  if (!pipeline || !last || (produce && produce.state !== 'running')) return null;
  const since = now - last.start - pipeline.window;
  return since > Math.max(5_000, pipeline.window * 3) ? since : null;
}

/** The last line: what the keys do. Without a keyboard there is one left, which the terminal itself carries out. */
export function keyLine(
  state: DashboardState,
  { width, lang, keys }: { width: number; lang: Language; keys: boolean },
): Line {
  const t = texts[lang];
  const key = (name: string, text: string): Line => [segment(name), segment(` ${text}`, 'muted')];
  const short = (name: string): Line => [segment(name)];
  if (!keys) return fitCells([cell(0, key('Ctrl-C', t.keys.interrupt), short('Ctrl-C'))], width);
  const { produce, serve, pipelines } = state;
  const target = produce?.target;
  const space = lang === 'zh' ? '空格' : 'space';
  return fitCells(
    [
      cell(0, key('q', t.keys.quit)),
      ...(produce && produce.state !== 'done'
        ? [
            cell(2, key(space, produce.state === 'paused' ? t.keys.resume : t.keys.pause)),
            cell(
              3,
              key(
                '+/-',
                `${t.keys.rate} ${target === null || target === undefined ? t.max : `${formatRate(target)}/s`}`,
              ),
              key('+/-', t.keys.rate),
            ),
          ]
        : []),
      ...(pipelines.length > 1 ? [cell(4, key('tab', t.keys.pipeline))] : []),
      ...(serve ? [cell(5, key('o', t.keys.open))] : []),
      cell(6, key('l', t.keys.log)),
      cell(1, key('?', t.keys.help), short('?')),
    ],
    width,
  );
}
