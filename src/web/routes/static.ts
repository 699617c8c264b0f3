import type { FastifyInstance } from 'fastify';
import { negotiate, type Page } from '../pages.ts';
import { RequestError } from './request-error.ts';

/** The built pages, from memory. */
export function staticRoutes(app: FastifyInstance, pages: ReadonlyMap<string, Page>): void {
  app.get('/*', async (request, reply) => {
    const [path = '/'] = request.url.split('?');
    const page = pages.get(path);
    if (!page && path === '/') throw new RequestError(404, 'the pages are not built', 'run: npm run build');
    if (!page) throw new RequestError(404, `there is no ${path}`, 'the start page is /');
    reply.headers({
      'content-type': page.contentType,
      'cache-control': page.cacheControl,
      etag: page.etag,
      vary: 'accept-encoding',
    });
    const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known?.includes(page.etag)) return reply.code(304).send();
    const { body, encoding } = negotiate(page, request.headers['accept-encoding']);
    if (encoding) reply.header('content-encoding', encoding);
    return reply.send(body);
  });
}
