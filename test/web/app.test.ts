import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadPages } from '../../src/web/pages.ts';
import { webServer } from './_server.ts';

const files: Record<string, string> = {
  'web/index.html': '<!doctype html><html lang="en"><script src="assets/page-1a2b.js"></script>',
  'web/assets/page-1a2b.js': 'let a = 1;'.repeat(100),
  'web/assets/page-1a2b.js.br': 'as brotli',
};
const source = { list: () => Object.keys(files), read: (name: string) => Buffer.from(files[name] ?? '') };

let server: Awaited<ReturnType<typeof webServer>>;
beforeEach(async () => {
  server = await webServer({ pages: await loadPages('zh', source) });
});
afterEach(() => server.app.close());
const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { host: 'localhost:5000', ...headers } });

describe('pages', () => {
  test('the start page is sent in the language of the server, to be asked for again each time', async () => {
    const response = await get('/');
    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    expect(response.body).toContain('<html lang="zh-CN"');
    const again = await get('/', { 'if-none-match': String(response.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test('files with a hash in their name may be kept for ever', async () => {
    const response = await get('/assets/page-1a2b.js');
    expect(response.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  test('a client gets the smallest form that it takes', async () => {
    const encodingFor = async (accepted: string) =>
      (await get('/assets/page-1a2b.js', { 'accept-encoding': accepted })).headers['content-encoding'];
    expect(await encodingFor('gzip, deflate, br')).toBe('br');
    expect(await encodingFor('gzip, br;q=0')).toBe('gzip');
    expect(await encodingFor('identity')).toBeUndefined();
  });

  test('a page that is not there is 404, and so is a way out of the folder', async () => {
    for (const path of ['/nothing.js', '/../package.json', '/%2e%2e/package.json', '/assets/'])
      expect((await get(path)).statusCode, path).toBe(404);
    expect((await server.app.inject({ method: 'POST', url: '/', headers: { host: 'localhost' } })).statusCode).toBe(
      404,
    );
  });
});

describe('what protects a reader', () => {
  test('scripts and styles come from the server alone, nothing inline', async () => {
    const policy = String((await get('/')).headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  test('a name that is not of this machine is refused, unless the server is open to others', async () => {
    expect((await get('/api/totals', { host: 'evil.example:5000' })).statusCode).toBe(403);
    expect((await get('/api/totals', { host: '127.0.0.1:5000' })).statusCode).toBe(200);
    expect((await get('/api/totals', { host: '[::1]:5000' })).statusCode).toBe(200);
    const open = await webServer({ localOnly: false });
    const response = await open.app.inject({ url: '/api/totals', headers: { host: 'wall.example' } });
    expect(response.statusCode).toBe(200);
    await open.app.close();
  });

  test('an address that asks for too much is told when to ask again, and others are not', async () => {
    const ask = (remoteAddress: string, url = '/api/pipelines') =>
      server.app.inject({ url, remoteAddress, headers: { host: 'localhost' } });
    for (let count = 0; count < 300; count += 1) expect((await ask('10.0.0.1')).statusCode).toBe(200);
    const refused = await ask('10.0.0.1', '/api/totals');
    expect([refused.statusCode, refused.json().error]).toEqual([429, 'too many requests']);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
    expect((await ask('10.0.0.1', '/healthz')).statusCode).toBe(200);
    expect((await ask('10.0.0.2')).statusCode).toBe(200);
  });
});
