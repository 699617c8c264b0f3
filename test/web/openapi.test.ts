import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowAt } from '../store/_contract.ts';
import { webServer } from './_server.ts';

let server: Awaited<ReturnType<typeof webServer>>;
/** An answer of the server checked against the schema that the description has for it. */
let faultsOf: (url: string) => Promise<unknown>;
let paths: Record<string, { get: Operation }>;

interface Operation {
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: object }[];
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
}

const get = (url: string) => server.app.inject({ url, headers: { host: 'localhost' } });

beforeAll(async () => {
  server = await webServer();
  await server.bring(windowAt(1, { 0: 3, k: 1 }), windowAt(2, { 1: 5 }, { revision: 1, lateDropped: 2 }));
  ({ paths } = (await get('/api/openapi.json')).json());
  // Fastify brings a validator of JSON schemas; here it may mend nothing.
  const validator = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  });
  validator.post<{ Body: { answer: object; schema: object } }>('/', ({ body }, reply) => {
    const validate = reply.request.compileValidationSchema(body.schema);
    reply.send({ faults: validate(body.answer) ? [] : validate.errors });
  });
  faultsOf = async (url) => {
    const answer = await get(url);
    const schema =
      paths[url.split('?')[0] ?? '']?.get.responses[answer.statusCode]?.content['application/json']?.schema;
    if (!schema) return `${url}: nothing is said of ${answer.statusCode}`;
    return (await validator.inject({ method: 'POST', url: '/', payload: { answer: answer.json(), schema } })).json();
  };
});
afterAll(() => server.app.close());

test('every route beside pages and websocket is described, and nothing else', async () => {
  const routes = server.app.printRoutes({ commonPrefix: false }).matchAll(/── (\/\S+) \((.*?)\)/g);
  const named = [...routes].map(([, path, methods]) => `${methods?.includes('GET') ? 'get' : methods} ${path}`);
  const served = named.filter((route) => !['get /*', 'get /ws'].includes(route));
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toEqual([...new Set(served)].sort());
  expect(described).toContain('get /api/series');
});

test('every parameter is told with its values, and which of them are needed', () => {
  const parameters = paths['/api/series']?.get.parameters ?? [];
  expect(parameters.map(({ name, required = false }) => [name, required])).toEqual([
    ['pipeline', true],
    ['from', false],
    ['to', false],
    ['resolution', false],
    ['points', false],
    ['limit', false],
    ['format', false],
  ]);
  expect(parameters[3]).toMatchObject({ schema: { enum: ['auto', 'window', 'minute', 'hour'], default: 'auto' } });
  for (const [path, { get: operation }] of Object.entries(paths)) expect(operation.summary, path).toMatch(/^[A-Z]/);
});

describe('answers are as described', () => {
  test.each([
    '/api/pipelines',
    '/api/series?pipeline=gender',
    '/api/series?pipeline=age',
    '/api/series?pipeline=gender&resolution=hour',
    '/api/totals',
    '/api/sums?pipeline=gender',
    '/api/sums?pipeline=age',
    '/api/windows?pipeline=gender',
    '/api/windows?pipeline=gender&key=k',
    '/api/values?pipeline=gender',
    '/api/openapi.json',
    '/healthz',
    '/readyz',
  ])('%s', async (url) => {
    expect(await faultsOf(url)).toEqual({ faults: [] });
  });

  test.each(['/api/series', '/api/values?pipeline=none', '/api/pipelines?a=b'])('also failures: %s', async (url) => {
    expect((await get(url)).statusCode).toBe(400);
    expect(await faultsOf(url)).toEqual({ faults: [] });
  });

  test('what is not would be found', async () => {
    const { series } = server.store;
    server.store.series = async (...query) => (await series(...query)).map((window) => ({ ...window, revision: -1 }));
    const { faults } = (await faultsOf('/api/windows?pipeline=gender')) as { faults: object[] };
    expect(faults).toMatchObject([{ instancePath: '/rows/0/revision' }]);
    server.store.series = series;
  });
});
