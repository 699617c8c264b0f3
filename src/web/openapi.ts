import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteShorthandOptions } from 'fastify';
import { z } from 'zod';
import { version } from '../runtime/version.ts';
import { errorAnswer, openapiAnswer } from './routes/answer-schemas.ts';
import { noQuery } from './routes/queries.ts';

export interface RouteDescription {
  summary: string;
  description?: string;
  query: z.ZodType;
  answer: z.ZodType;
  /** What `answer` is of; JSON unless told otherwise. */
  type?: string;
  /** It also answers CSV, when asked to. */
  csv?: string;
  /** By their status; those of requests to the database unless told otherwise. */
  failures?: Readonly<Record<number, Failure>>;
  /** It is answered without the token, too. */
  isOpen?: boolean;
}

/** What a failure means, and what it answers when that is not an error in words. */
export interface Failure {
  meaning: string;
  answer?: z.ZodType;
}

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
};

const whatFailuresMean = {
  400: { meaning: 'a parameter is wrong; the answer names it and says what is allowed' },
  401: { meaning: 'the server has a token, and the request has none or another' },
  429: { meaning: 'too many requests of one address; Retry-After says how many seconds to wait' },
  500: { meaning: 'the server failed; its log says why' },
  503: { meaning: 'the database does not answer' },
} satisfies Record<number, Failure>;

/** A route with its place in the description. Its handler checks queries itself, so that faults are told in words. */
export function described({ query, answer, csv, ...rest }: RouteDescription): RouteShorthandOptions {
  const { type = 'application/json', failures = whatFailuresMean, isOpen = false, ...texts } = rest;
  const content = {
    [type]: { schema: jsonSchema(answer, 'output') },
    ...(csv === undefined ? {} : { 'text/csv': { schema: { type: 'string', description: csv } } }),
  };
  const failed = Object.entries<Failure>(failures).map(([status, failure]) => {
    const schema = jsonSchema(failure.answer ?? errorAnswer, 'output');
    return [status, { description: failure.meaning, content: { 'application/json': { schema } } }] as const;
  });
  return {
    schema: {
      ...texts,
      querystring: jsonSchema(query, 'input'),
      response: { 200: { description: 'what was asked for', content }, ...Object.fromEntries(failed) },
      ...(isOpen ? { security: [] } : {}),
    },
  };
}

const description = `What was counted, over time and in all. Times are epoch milliseconds; in queries they may be ISO 8601, too.
Counts are always sums, never averages, and a window is a later correction's where there was one.

What happens now comes over the websocket \`/ws\`: a snapshot as JSON first, then each change with its sequence number.`;

/** Describes the routes that are made after it, at \`/api/openapi.json\`. */
export async function describeRoutes(app: FastifyInstance, { hasToken }: { hasToken: boolean }): Promise<void> {
  // Queries are checked by the handlers, and answers are what the compiler says they are: both only describe.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  const bearer = { type: 'http' as const, scheme: 'bearer', description: 'the text of --token' };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'dashctl', version, description },
      ...(hasToken ? { components: { securitySchemes: { bearer } }, security: [{ bearer: [] }] } : {}),
    },
    // Pages are no part of it.
    transform: ({ schema, url }) => ({ schema: schema ?? { hide: true }, url }),
  });
}

export function openapiRoute(app: FastifyInstance): void {
  const route = described({
    summary: 'This description',
    query: noQuery,
    answer: openapiAnswer,
    failures: { 401: whatFailuresMean[401], 429: whatFailuresMean[429] },
  });
  app.get('/api/openapi.json', route, async () => app.swagger());
}
