import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/runtime/logger.ts';
import { languageOf } from '../../src/web/login-page.ts';
import { loadPages } from '../../src/web/pages.ts';
import { connectPage, webServer } from './_server.ts';

const token = 'correct-horse-battery';
const files: Record<string, string> = { 'web/index.html': '<!doctype html><html lang="en">the page' };
const source = { list: () => Object.keys(files), read: (name: string) => Buffer.from(files[name] ?? '') };

let log = '';
let server: Awaited<ReturnType<typeof webServer>>;
beforeEach(async () => {
  log = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  const logger = createLogger({ level: 'debug', format: 'json', color: false, destination });
  server = await webServer({ token, logger, localOnly: false, pages: await loadPages('zh', source) });
});
afterEach(() => server.app.close());

type Ask = { headers?: Record<string, string>; method?: 'GET' | 'POST'; payload?: string; remoteAddress?: string };
const ask = (url: string, { headers, ...more }: Ask = {}) =>
  server.app.inject({ url, headers: { host: 'wall.example:5000', ...headers }, ...more });
const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
const typed = (text: string, next = '/') => ({
  method: 'POST' as const,
  headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
  payload: new URLSearchParams({ token: text, next }).toString(),
});
const html = { headers: { accept: 'text/html,*/*;q=0.8' } };
const cookieOf = (response: Awaited<ReturnType<typeof ask>>) =>
  String(response.headers['set-cookie']).split(';')[0] ?? '';

describe('without the token', () => {
  test.each(['/api/totals', '/api/openapi.json', '/metrics', '/', '/nothing', '/api/nothing', '/ws'])(
    '%s is refused',
    async (url) => {
      const response = await ask(url);
      expect([response.statusCode, response.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(response.json().error).toBe('this server wants its token');
    },
  );

  test('probes are told whether, and nothing else', async () => {
    server.live.status({ rowsRead: 12 });
    expect((await ask('/healthz', bearer(token))).json()).toEqual({ ok: true });
    expect((await ask('/readyz')).json()).toEqual({ ready: true });
    server.store.pipelines = () => Promise.reject(new Error('gone'));
    const response = await ask('/readyz');
    expect([response.statusCode, response.json()]).toEqual([503, { ready: false }]);
  });

  test('a browser gets a page that asks for it, in its language, and for which nothing inline is needed', async () => {
    const zh = await ask('/charts?pipeline=age', {
      headers: { ...html.headers, 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' },
    });
    expect([zh.statusCode, zh.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    expect(zh.body).toContain('<html lang="zh-CN">');
    expect(zh.body).toContain('name="next" value="/charts?pipeline=age"');
    expect(zh.body).not.toMatch(/style=|<script|<style|\son\w+=/);
    const en = await ask('/', { headers: { ...html.headers, 'accept-language': 'en-GB,zh;q=0.5' } });
    expect(en.body).toContain('This page needs a token');
    expect(en.headers['content-security-policy']).toContain("form-action 'self'");
    expect((await ask('/login.css')).headers['content-type']).toBe('text/css; charset=utf-8');
  });

  test('what an address holds does not become part of that page', async () => {
    const { body } = await ask('/?next="><script>alert(1)</script>', html);
    expect(body).not.toContain('<script');
  });
});

describe('with the token', () => {
  test('in the Authorization header everything is answered', async () => {
    expect((await ask('/api/totals', bearer(token))).statusCode).toBe(200);
    expect((await ask('/metrics', bearer(token))).statusCode).toBe(200);
    expect((await ask('/', bearer(token))).body).toContain('the page');
    expect((await ask('/api/nothing', bearer(token))).statusCode).toBe(404);
  });

  test('in the address, it leads to the same address without it, and a cookie that is not the token', async () => {
    const response = await ask(`/charts?pipeline=age&token=${token}&to=1`);
    expect([response.statusCode, response.headers.location]).toEqual([303, '/charts?pipeline=age&to=1']);
    const set = String(response.headers['set-cookie']);
    expect(set).toMatch(/^dashctl-5000=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(token);
    expect((await ask('/', { headers: { cookie: `a=b; ${cookieOf(response)}` } })).body).toContain('the page');
  });

  test('typed into the page, it leads to where the reader wanted to go', async () => {
    const response = await ask('/login', typed(token, '/tables?pipeline=age'));
    expect([response.statusCode, response.headers.location]).toEqual([303, '/tables?pipeline=age']);
    expect((await ask('/', { headers: { cookie: cookieOf(response) } })).statusCode).toBe(200);
  });

  test.each(['https://evil.example/x', '//evil.example/x', '/\\evil.example/x', '/a/..//evil.example', 'javascript:1'])(
    'nobody is led away from this server: %s',
    async (next) => {
      const { location } = (await ask('/login', typed(token, next))).headers;
      expect(location).toMatch(/^\/(?![/\\])/);
      const { headers } = await ask(`//evil.example/?token=${token}`);
      expect(headers.location).toBe('/');
    },
  );

  test('a cookie is good after a restart, and for no server with another token', async () => {
    const cookie = cookieOf(await ask(`/?token=${token}`));
    const again = await webServer({ token, localOnly: false });
    const other = await webServer({ token: `${token}!`, localOnly: false });
    const headers = { host: 'wall.example:5000', cookie };
    expect((await again.app.inject({ url: '/api/totals', headers })).statusCode).toBe(200);
    const refused = await other.app.inject({ url: '/api/totals', headers });
    expect([refused.statusCode, refused.headers['set-cookie']]).toEqual([
      401,
      'dashctl-5000=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ]);
    await Promise.all([again.app.close(), other.app.close()]);
  });
});

describe('a wrong token', () => {
  test.each([
    ['in the header', '/api/totals', bearer('wrong')],
    ['in the header, in another form', '/api/totals', { headers: { authorization: `Basic ${token}` } }],
    ['in the address', '/?token=wrong', {}],
    ['that is the beginning of the right one', `/?token=${token.slice(0, -1)}`, {}],
    ['typed', '/login', typed('wrong')],
    ['that is empty', '/login', typed('')],
  ])('%s is refused', async (_, url, options) => {
    const response = await ask(url, options);
    expect([response.statusCode, response.headers['set-cookie']]).toEqual([401, undefined]);
  });

  test('is told in the log by its address, and never itself', async () => {
    await ask('/?token=hunter22', { remoteAddress: '10.0.0.9' });
    await ask('/login', typed('hunter22'));
    server.store.totals = () => Promise.reject(new Error('broken'));
    await ask('/api/totals', bearer(token));
    expect(log).toContain('a wrong token came from 10.0.0.9');
    expect(log).toContain('GET /api/totals failed');
    expect(log).not.toMatch(/hunter22|correct-horse/);
  });

  test('may come ten times a minute from an address; then even the right one has to wait there', async () => {
    const from = (remoteAddress: string, options: Ask) => ask('/api/totals', { ...options, remoteAddress });
    for (let count = 0; count < 10; count += 1)
      expect((await from('10.0.0.1', bearer(`guess-${count}`))).statusCode).toBe(401);
    const refused = await from('10.0.0.1', bearer(token));
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60']);
    expect((await ask('/login', { ...typed(token), remoteAddress: '10.0.0.1' })).body).toContain('role="alert"');
    expect((await from('10.0.0.2', bearer(token))).statusCode).toBe(200);
    const cookie = cookieOf(await ask(`/?token=${token}`, { remoteAddress: '10.0.0.2' }));
    expect((await from('10.0.0.1', { headers: { cookie } })).statusCode).toBe(200);
  });

  test('does not count while none is given, nor when it is right', async () => {
    for (let count = 0; count < 20; count += 1) await ask('/');
    for (let count = 0; count < 20; count += 1) await ask('/', bearer(token));
    expect((await ask('/', bearer('wrong'))).statusCode).toBe(401);
  });
});

describe('the websocket', () => {
  test('wants the token as well, in a header or as a cookie', async () => {
    const port = await server.listen();
    const typeOfFirst = async (headers: Record<string, string>) => {
      const page = await connectPage(port, headers);
      return (await page.next('snapshot')).type;
    };
    await expect(connectPage(port)).rejects.toThrow('401');
    await expect(connectPage(port, { authorization: 'Bearer wrong' })).rejects.toThrow('401');
    expect(await typeOfFirst({ authorization: `Bearer ${token}` })).toBe('snapshot');
    const cookie = cookieOf(await ask(`/?token=${token}`, { headers: { host: `127.0.0.1:${port}` } }));
    expect(await typeOfFirst({ cookie })).toBe('snapshot');
    await expect(connectPage(port, { cookie, origin: 'https://evil.example' })).rejects.toThrow('403');
  });

  test.each([
    ['without the token', { token }, 401],
    ['by another name', { localOnly: true }, 403],
  ])('whoever is turned away %s keeps no connection, so that the server can end', async (_, options, status) => {
    const other = await webServer({ localOnly: false, ...options });
    const socket = connect(await other.listen());
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: wall.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    await other.app.close();
  });
});

test.each([
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en-US,en;q=0.9', 'en'],
  ['en;q=0.1, zh-TW', 'zh'],
  ['de, zh;q=0', 'en'],
  [undefined, 'zh'],
])('a browser that prefers %s gets %s', (accepted, language) => {
  expect(languageOf(accepted)).toBe(language);
});
