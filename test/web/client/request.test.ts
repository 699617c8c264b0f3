import { afterEach, expect, test, vi } from 'vitest';
import { AskError, type AskFailure, request } from '../../../src/web/client/state/request.ts';

afterEach(() => vi.unstubAllGlobals());

const answering = (answer: (url: URL, options: RequestInit) => Promise<Response>) => {
  vi.stubGlobal('fetch', vi.fn(answer));
};

const url = new URL('http://wall.school:5000/api/series?pipeline=gender');

const failureOf = async (asked: Promise<unknown>): Promise<AskFailure> => {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AskError) return error.failure;
  throw new Error('it did not fail as it should', { cause: error });
};

test('gives what is answered', async () => {
  answering(async ({ href }) => Response.json({ asked: href }));
  expect(await request(url)).toEqual({ asked: url.href });
});

test('fails with the words of the server', async () => {
  answering(async () => Response.json({ error: 'pipeline: there is no "x"', hint: 'choose from: a' }, { status: 400 }));
  expect(await failureOf(request(url))).toEqual({
    ...{ status: 400, error: 'pipeline: there is no "x"' },
    hint: 'choose from: a',
  });
});

test('fails with its status when what stands between says something else', async () => {
  answering(async () => new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }));
  expect(await failureOf(request(url))).toEqual({ status: 502, error: '502 Bad Gateway' });
  answering(async () => new Response('<h1>Please log in</h1>', { status: 200 }));
  expect((await failureOf(request(url))).status).toBe(200);
});

test('fails without a status when nobody answers', async () => {
  answering(async () => Promise.reject(new TypeError('Failed to fetch')));
  expect(await failureOf(request(url))).toEqual({ status: 0, error: 'Failed to fetch' });
});

test('is no failure when it is no longer wanted', async () => {
  const abort = new AbortController();
  answering(async (_, { signal }) => {
    abort.abort();
    signal?.throwIfAborted();
    return Response.json({});
  });
  const error = await request(url, abort.signal).catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(AskError);
  expect((error as Error).name).toBe('AbortError');
});
