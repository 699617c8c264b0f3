import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { FastifyRequest } from 'fastify';

/** Tells whether requests come from somebody who knows the token. */
export interface Login {
  isToken(text: string): boolean;
  /** Whether the cookie is there, and fits. */
  cookieOf(request: FastifyRequest): 'none' | 'right' | 'wrong';
  /** The header that lets a browser in from now on. */
  cookie(request: FastifyRequest): string;
  /** The header that makes a browser forget its cookie. */
  noCookie(request: FastifyRequest): string;
}

// As long as browsers keep one: a screen on a wall has nobody who types a token.
const cookieSeconds = 400 * 86_400;
const attributes = 'Path=/; HttpOnly; SameSite=Strict';

const stretched = promisify<string, string, number, object, Buffer>(scrypt);

/** A login with one token, which is also what all who log in are known by: there are no users. */
export async function createLogin(token: string): Promise<Login> {
  // Not the token itself, which would let its reader in elsewhere, too, but the same after a restart. Made slowly, so that
  // guessing tokens by their cookies takes as long; that is why wrong cookies need not be counted.
  const key = await stretched(token, 'dashctl cookie', 32, { N: 2 ** 15, maxmem: 2 ** 26 });
  const value = createHmac('sha256', key).update('dashctl').digest('base64url');
  const own = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', own).update(text).digest();
  // Of digests, so that neither the time nor the length tells how much of a guess is right.
  const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

  return {
    isToken: (text) => isSame(text, token),
    cookieOf(request) {
      const given = cookiesOf(request).get(cookieName(request));
      if (given === undefined) return 'none';
      return isSame(given, value) ? 'right' : 'wrong';
    },
    cookie: (request) => `${cookieName(request)}=${value}; Max-Age=${cookieSeconds}; ${attributes}`,
    noCookie: (request) => `${cookieName(request)}=; Max-Age=0; ${attributes}`,
  };
}

/** Browsers send a cookie to every port of a machine, so that two servers need two names. */
function cookieName({ headers }: FastifyRequest): string {
  const [, port = 'default'] = /:(\d+)$/.exec(headers.host ?? '') ?? [];
  return `dashctl-${port}`;
}

function cookiesOf({ headers }: FastifyRequest): ReadonlyMap<string, string> {
  const pairs = (headers.cookie ?? '').split(';').map((pair): [string, string] => {
    const [name = '', ...rest] = pair.split('=');
    return [name.trim(), rest.join('=').trim()];
  });
  return new Map(pairs);
}
