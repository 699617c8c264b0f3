import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { listAssets, readAsset } from '../runtime/assets.ts';
import { errnoOf } from '../runtime/errors.ts';
import { pageNames } from './page-names.ts';

const encodings = ['br', 'gzip'] as const;
type Encoding = (typeof encodings)[number];

/** A file of the pages, ready to be sent. */
export interface Page {
  contentType: string;
  etag: string;
  cacheControl: string;
  body: Buffer;
  encoded: Partial<Record<Encoding, Buffer>>;
}

/** Where the built pages come from; the assets of the program unless a test brings its own. */
export interface PageSource {
  list(prefix: string): string[];
  read(name: string): Buffer;
}

const contentTypes: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json; charset=utf-8',
  woff2: 'font/woff2',
};
const compressible = new Set(['html', 'js', 'css', 'svg', 'json']);

const prefix = 'web/';
const suffixes: Record<Encoding, string> = { br: '.br', gzip: '.gz' };
const compress = promisify(gzip);

/**
 * Reads the pages into memory, by their path on the server. The build lays compressed copies beside the files (`.br`,
 * `.gz`); what has none, such as the start page, whose language is set here, is compressed now.
 */
export async function loadPages(
  lang: 'zh' | 'en',
  source: PageSource = { list: listAssets, read: readAsset },
): Promise<Map<string, Page>> {
  const names = listOf(source);
  const pages = new Map<string, Page>();
  for (const name of names) {
    const extension = name.slice(name.lastIndexOf('.') + 1);
    if (extension === 'br' || extension === 'gz') continue;
    const path = `/${name.slice(prefix.length)}`;
    const file = source.read(name);
    const isStart = path === '/index.html';
    const body = isStart ? withLanguage(file, lang) : file;
    const page: Page = {
      contentType: contentTypes[extension] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      // The build puts a hash of the content into the names under assets/: what they name never changes.
      cacheControl: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      body,
      encoded: {},
    };
    for (const encoding of encodings) {
      const copy = `${name}${suffixes[encoding]}`;
      if (!isStart && names.has(copy)) page.encoded[encoding] = source.read(copy);
    }
    if (compressible.has(extension) && !page.encoded.gzip) page.encoded.gzip = await compress(body);
    pages.set(path, page);
  }
  const start = pages.get('/index.html');
  // All pages are one document, which draws what its address names.
  if (start) for (const name of pageNames) pages.set(`/${name === 'screen' ? '' : name}`, start);
  return pages;
}

function listOf(source: PageSource): Set<string> {
  try {
    return new Set(source.list(prefix));
  } catch (error) {
    // A work tree that has not been built: everything but the pages still works.
    if (errnoOf(error) === 'ENOENT') return new Set();
    throw error;
  }
}

// The page starts in the language of --lang; a reader's own choice in the browser goes before it.
const withLanguage = (html: Buffer, lang: 'zh' | 'en') =>
  Buffer.from(html.toString().replace(/<html lang="[^"]*"/, `<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"`));

/** The body that a client takes, by its Accept-Encoding header. */
export function negotiate(page: Page, accepted: string | undefined): { body: Buffer; encoding?: Encoding } {
  const offered = new Set(
    (accepted ?? '')
      .split(',')
      .filter((entry) => !/;\s*q=0(\.0*)?\s*$/.test(entry))
      .map((entry) => entry.split(';')[0]?.trim()),
  );
  for (const encoding of encodings) {
    const body = page.encoded[encoding];
    if (body && offered.has(encoding)) return { body, encoding };
  }
  return { body: page.body };
}
