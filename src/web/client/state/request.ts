import type { ErrorAnswer } from '../../answers.ts';

/** Why a request brought nothing: the server's own words; `status` is 0 when nobody answered. */
export interface AskFailure extends ErrorAnswer {
  status: number;
}

/** Thrown where a request failed. */
export class AskError extends Error {
  readonly failure: AskFailure;
  constructor(failure: AskFailure) {
    super(failure.error);
    this.failure = failure;
  }
}

const isErrorAnswer = (body: unknown): body is ErrorAnswer =>
  typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';

/** What a server answers at an address, as JSON. Throws an `AskError`, or what was aborted with. */
export async function request<T>(url: URL, signal?: AbortSignal): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json' },
      ...(signal ? { signal } : {}),
    });
    body = await response.json().catch(() => undefined);
  } catch (error) {
    // An abort was wanted by somebody, who shall see it as such.
    if (signal?.aborted) throw error;
    throw new AskError({ status: 0, error: error instanceof Error ? error.message : String(error) });
  }
  signal?.throwIfAborted();
  if (response.ok && body !== undefined) return body as T;
  const said = isErrorAnswer(body) ? body : { error: `${response.status} ${response.statusText}`.trim() };
  throw new AskError({ ...said, status: response.status });
}
