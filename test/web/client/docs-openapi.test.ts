import { describe, expect, test } from 'vitest';
import { type ApiRoute, readOpenApi, tryAddress } from '../../../src/web/client/pages/docs/openapi.ts';
import { webServer } from '../_server.ts';

const documentOf = (paths: unknown, more: object = {}) => ({ openapi: '3.1.0', paths, ...more });

describe('the description of the API', () => {
  test('of this server names its routes, with parameters and answers', async () => {
    const { app } = await webServer();
    const response = await app.inject('/api/openapi.json');
    await app.close();
    const routes = readOpenApi(response.json()) ?? [];
    expect(routes.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/api/pipelines',
        '/api/series',
        '/api/totals',
        '/api/sums',
        '/api/windows',
        '/api/values',
      ]),
    );
    const windows = routes.find(({ path }) => path === '/api/windows');
    expect(windows?.method).toBe('GET');
    expect(windows?.summary).toBeTruthy();
    expect(windows?.parameters.find(({ name }) => name === 'pipeline')).toMatchObject({
      place: 'query',
      required: true,
    });
    expect(windows?.parameters.find(({ name }) => name === 'order')).toMatchObject({
      type: 'asc | desc',
      standard: 'desc',
      required: false,
    });
    const good = windows?.answers.find(({ status }) => status === '200');
    expect(good?.types).toEqual(expect.arrayContaining(['application/json', 'text/csv']));
  });

  test('is read through its references, and with parameters that all methods of a path share', () => {
    const routes = readOpenApi(
      documentOf(
        {
          '/a/{id}': {
            parameters: [{ $ref: '#/components/parameters/id' }],
            get: {
              summary: 'one',
              parameters: [{ name: 'n', in: 'query', schema: { $ref: '#/components/schemas/n~1m' } }],
              responses: { 200: { $ref: '#/components/responses/fine' } },
            },
            delete: {},
          },
        },
        {
          components: {
            parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
            schemas: { 'n/m': { type: 'integer', minimum: 1, maximum: 9, default: 3, description: 'how many' } },
            responses: { fine: { description: 'found', content: { 'application/json': {} } } },
          },
        },
      ),
    );
    expect(routes).toEqual([
      {
        method: 'GET',
        path: '/a/{id}',
        summary: 'one',
        description: undefined,
        parameters: [
          { name: 'id', place: 'path', required: true, type: 'string', standard: undefined, description: undefined },
          { name: 'n', place: 'query', required: false, type: 'integer 1…9', standard: '3', description: 'how many' },
        ],
        answers: [{ status: '200', description: 'found', types: ['application/json'] }],
      },
      expect.objectContaining({ method: 'DELETE', answers: [], parameters: [expect.objectContaining({ name: 'id' })] }),
    ]);
  });

  test('that is none is told apart from one without routes', () => {
    const none = [undefined, null, [], 'text', {}, { openapi: '3.0.0' }, { openapi: '2.0', paths: {} }, { paths: {} }];
    expect(none.map((document) => readOpenApi(document))).toEqual(none.map(() => undefined));
    expect(readOpenApi(documentOf({}))).toEqual([]);
  });

  test('may hold nonsense, which is left out', () => {
    const loop = { $ref: '#/components/parameters/loop' };
    const routes = readOpenApi(
      documentOf(
        {
          '/a': { get: { parameters: [null, 3, {}, loop], responses: [] } },
          '/b': null,
          '/c': { get: 'x', trace: {} },
        },
        { components: { parameters: { loop } } },
      ),
    );
    expect(routes).toEqual([expect.objectContaining({ path: '/a', parameters: [], answers: [] })]);
  });
});

describe('a link to try a route', () => {
  const route = (more: Partial<ApiRoute>): ApiRoute => ({
    method: 'GET',
    path: '/api/series',
    summary: undefined,
    description: undefined,
    parameters: [],
    answers: [],
    ...more,
  });
  const parameter = (name: string, required: boolean, place = 'query') => ({
    ...{ name, required, place },
    ...{ type: 'string', standard: undefined, description: undefined },
  });

  test('fills in what is needed and leaves the rest to the server', () => {
    const parameters = [parameter('pipeline', true), parameter('from', false)];
    expect(tryAddress(route({ parameters }), { pipeline: 'a b' })).toBe('./api/series?pipeline=a+b');
    expect(tryAddress(route({}), {})).toBe('./api/series');
  });

  test('is not there where it would change something, lead nowhere or need what is not known', () => {
    expect(tryAddress(route({ method: 'POST' }), {})).toBeUndefined();
    expect(tryAddress(route({ path: '/ws' }), {})).toBeUndefined();
    expect(tryAddress(route({ path: '/a/{id}' }), {})).toBeUndefined();
    expect(tryAddress(route({ parameters: [parameter('id', true)] }), { pipeline: 'a' })).toBeUndefined();
    expect(tryAddress(route({ parameters: [parameter('constructor', true)] }), {})).toBeUndefined();
    expect(
      tryAddress(route({ parameters: [parameter('pipeline', true, 'header')] }), { pipeline: 'a' }),
    ).toBeUndefined();
  });
});
