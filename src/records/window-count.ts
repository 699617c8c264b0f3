/**
 * The counts of one window of one pipeline: what travels in a result topic. `start` and `end` are epoch ms, half-open.
 * `revision` is 0 when the window first closes and goes up by one each time late records correct it.
 */
export interface WindowCount {
  pipeline: string;
  start: number;
  end: number;
  revision: number;
  /** Records of this pipeline that came too late for any window, in total so far. */
  lateDropped: number;
  counts: ReadonlyMap<string, number>;
}

/** A record as it is given to or read from Kafka, whatever the client library. */
export interface ResultRecord {
  key: string | null;
  value: string;
  timestamp: number;
  headers: Record<string, string>;
}

export type ResultFormat = 'list' | 'object';

/** The Kafka record of a window, in the lab's list form or as one self-describing object. */
export function encodeWindowCount(window: WindowCount, format: ResultFormat = 'list'): ResultRecord {
  const { pipeline, start, end, revision, lateDropped } = window;
  const value =
    format === 'list'
      ? `[${membersOf(window.counts, '{', '}')}]`
      : `{"pipeline":${JSON.stringify(pipeline)},"windowStart":${start},"windowEnd":${end},"revision":${revision},"lateDropped":${lateDropped},"counts":{${membersOf(window.counts, '', '')}}}`;
  return {
    key: `${start}/${end}`,
    value,
    timestamp: end,
    headers: {
      pipeline,
      'window-start': String(start),
      'window-end': String(end),
      revision: String(revision),
      'late-dropped': String(lateDropped),
    },
  };
}

/** So many members are joined at a time: what each is made of is gone before V8 looks at what is worth keeping. */
const joinedMembers = 256;

/**
 * The counts as members of JSON objects, in the order of their keys. Written one by one: an object literal would move
 * integer-like keys to the front.
 */
function membersOf(counts: ReadonlyMap<string, number>, before: string, after: string): string {
  const keys = [...counts.keys()];
  const values = Float64Array.from(counts.values());
  // By UTF-16 code unit, which is the order the format asks for. Of indices: pairs would be an object for each key.
  const order = Uint32Array.from(keys.keys()).sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1));
  const pieces: string[] = [];
  for (let at = 0; at < order.length; at += joinedMembers) {
    const members = Array.from(
      order.subarray(at, at + joinedMembers),
      (index) => `${before}${JSON.stringify(keys[index])}:${values[index]}${after}`,
    );
    pieces.push(members.join(','));
  }
  return pieces.join(',');
}

/** What is needed to read records that carry no headers: those of the lab's own Spark job. */
export interface DecodeContext {
  pipeline: string;
  /** Length of a window in ms. */
  window: number;
}

/**
 * Reads a result record. A record without headers is the lab's own: its window is the one that its timestamp falls in.
 * Returns a reason instead of throwing, since a topic may hold anything and the reader goes on with the next record.
 */
export function decodeWindowCount(record: ResultRecord, context: DecodeContext): WindowCount | { invalid: string } {
  const counts = decodeCounts(record.value);
  if ('invalid' in counts) return counts;
  const start = integerOf(record.headers['window-start']);
  const end = integerOf(record.headers['window-end']);
  if (start === undefined || end === undefined || start >= end) {
    const from = Math.floor(record.timestamp / context.window) * context.window;
    return {
      pipeline: context.pipeline,
      start: from,
      end: from + context.window,
      revision: 0,
      lateDropped: 0,
      counts: counts.counts,
    };
  }
  return {
    pipeline: context.pipeline,
    start,
    end,
    revision: integerOf(record.headers.revision) ?? 0,
    lateDropped: integerOf(record.headers['late-dropped']) ?? 0,
    counts: counts.counts,
  };
}

function decodeCounts(value: string): { counts: Map<string, number> } | { invalid: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return { invalid: 'the value is not JSON' };
  }
  const objects = Array.isArray(parsed)
    ? parsed
    : [isObject(parsed) && isObject(parsed.counts) ? parsed.counts : parsed];
  const counts = new Map<string, number>();
  for (const object of objects) {
    if (!isObject(object)) return { invalid: 'the value is not a list of {"key":count}' };
    for (const [key, count] of Object.entries(object)) {
      if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
        return { invalid: `the count of ${JSON.stringify(key)} is not a whole number` };
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return { counts };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return undefined;
  return Number(text);
}
