/** How far a page has come: the run of the server that it listens to, and the last message that it was told. */
export interface Position {
  stream: string;
  sequence: number;
}

const isNumberOfMessage = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** The position in the address of a page that comes back, `?stream=…&after=…`; undefined when there is none. */
export function positionInAddress(query: unknown): Position | undefined {
  const { stream, after } = fieldsOf(query);
  if (typeof stream !== 'string' || typeof after !== 'string' || !/^\d+$/.test(after)) return undefined;
  const sequence = Number(after);
  return isNumberOfMessage(sequence) ? { stream, sequence } : undefined;
}

/** The position in a message that asks for what was missed; undefined for any other message. */
export function positionInMessage(text: string): Position | undefined {
  const { type, stream, sequence } = fieldsOf(parsed(text));
  if (type !== 'resume' || typeof stream !== 'string' || !isNumberOfMessage(sequence)) return undefined;
  return { stream, sequence };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
