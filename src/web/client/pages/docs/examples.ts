import { encodeWindowCount, type ResultRecord } from '../../../../records/window-count.ts';
import type { WindowPoint } from '../../../messages.ts';

/** A result record as it lies in its topic, with its value in both forms. */
export interface ResultExample extends Omit<ResultRecord, 'value'> {
  list: string;
  object: string;
}

const mostShown = 8;

/**
 * The record of a window in both forms; keys in code-unit order as the topic has them. Of many values the first few stand
 * for all.
 */
export function resultExample(pipeline: string, point: WindowPoint, lateDropped: number): ResultExample {
  const sorted = Object.entries(point.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  const window = { ...point, pipeline, lateDropped, counts: new Map(sorted.slice(0, mostShown)) };
  const { value: list, ...record } = encodeWindowCount(window, 'list');
  const { value: object } = encodeWindowCount(window, 'object');
  if (sorted.length <= mostShown) return { ...record, list, object };
  return { ...record, list: list.replace(/\]$/, ',…]'), object: object.replace(/\}\}$/, ',…}}') };
}

/** A window for readers of a server that has none yet. */
export const sampleWindow: WindowPoint = {
  start: 1_794_369_806_000,
  end: 1_794_369_807_000,
  revision: 0,
  counts: { 0: 47, 1: 34, 2: 15, NULL: 4 },
};

/** Commands that work against this very server. `base` is the address of its start page. */
export function commandsFor(base: string, pipeline: string, now: number) {
  const hourAgo = new Date(Math.floor(now / 3_600_000) * 3_600_000 - 3_600_000).toISOString().replace('.000Z', 'Z');
  const socket = new URL('ws', base);
  socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';
  const route = (path: string) => new URL(path, base).href;
  return {
    totals: `curl '${route(`api/totals?pipeline=${pipeline}`)}'`,
    minutes: `curl '${route(`api/series?pipeline=${pipeline}&resolution=minute&from=${hourAgo}`)}'`,
    csv: `curl -o windows.csv '${route(`api/windows?pipeline=${pipeline}&format=csv`)}'`,
    socket: [
      `const socket = new WebSocket('${socket.href}');`,
      `socket.onmessage = ({ data }) => {`,
      `  const message = JSON.parse(data);`,
      `  if (message.type === 'update') console.log(message.windows.${/^[A-Za-z_]\w*$/.test(pipeline) ? pipeline : `[${JSON.stringify(pipeline)}]`});`,
      `};`,
    ]
      .join('\n')
      .replace('.windows.[', '.windows['),
    prometheus: [
      'scrape_configs:',
      '  - job_name: dashctl',
      `    scheme: ${new URL(base).protocol.replace(':', '')}`,
      `    metrics_path: ${new URL('metrics', base).pathname}`,
      '    static_configs:',
      `      - targets: ['${new URL(base).host}']`,
    ].join('\n'),
    export: `dashctl export --pipeline ${pipeline} --from -1h --iso`,
  };
}
