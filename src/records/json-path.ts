/** The way from the root of a JSON value to one in it: names of members, places in lists. */
export type JsonPath = readonly (string | number)[];

// A name, a place in a list, or a name in quotes; each but the first name has a dot or a bracket before it.
const segment = /\.?([^.[\]"']+)|\[(\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]/y;

/**
 * Reads a path such as `order.items[0].category`. A name with dots, brackets or quotes in it stands in brackets and
 * quotes: `tags['a.b']`. Undefined when the text is no path.
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  const path: (string | number)[] = [];
  segment.lastIndex = 0;
  while (segment.lastIndex < text.length) {
    const at = segment.lastIndex;
    const match = segment.exec(text);
    const [whole, name, place, double, single] = match ?? [];
    // A dot stands before every plain name but the first, and before that one never.
    if (whole === undefined || (name !== undefined && whole.startsWith('.') !== at > 0)) return undefined;
    path.push(place === undefined ? (name ?? double ?? single ?? '') : Number(place));
  }
  return path.length > 0 ? path : undefined;
}

/** What stands at the end of a path; undefined when there is nothing. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else if (isObject(found) && Object.hasOwn(found, step)) found = found[step];
    else return undefined;
  }
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
