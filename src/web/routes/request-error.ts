import type { z } from 'zod';

/** A request that cannot be answered, with what the caller can do about it. */
export class RequestError extends Error {
  readonly statusCode: number;
  readonly hint: string | undefined;

  constructor(statusCode: number, message: string, hint?: string) {
    super(message);
    this.statusCode = statusCode;
    this.hint = hint;
  }
}

/**
 * Reads a query string by a schema.
 * @throws RequestError 400 that names the parameter at fault.
 */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RequestError(400, `${issue?.path.join('.') || 'query'}: ${issue?.message ?? 'not valid'}`);
}
