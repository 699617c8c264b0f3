import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createLogin, type Login } from './login.ts';
import { type LoginFault, languageOf, loginPage } from './login-page.ts';
import { loginStyle } from './login-style.ts';

// They tell probes nothing but whether; the rest is what the login itself needs.
const openPaths = new Set(['/healthz', '/readyz', '/login', '/login.css']);

// Failed attempts of one address in a minute.
const mostFailures = 10;
const minute = 60_000;
const mostBytesOfForm = 4_096;

type Outcome = 'right' | LoginFault;

interface Attempts {
  /** Judges a token that was given, and remembers it when it is wrong. */
  judge(request: FastifyRequest, given: string): Promise<Outcome>;
}

/**
 * Lets only those in who know the token: with it in the Authorization header, with the cookie that they got for it, or
 * with it in the address, once. Needs the plug-in that limits rates.
 */
export async function guardRoutes(app: FastifyInstance, token: string): Promise<void> {
  const login = await createLogin(token);
  const attempts = attemptsAt(app, login);

  app.addHook('onRequest', async (request, reply) => {
    const { path, given, rest } = addressOf(request);
    if (openPaths.has(path)) return;
    if (given !== undefined) {
      const outcome = await attempts.judge(request, given);
      if (outcome !== 'right') return refuse(request, reply, rest, outcome);
      return reply.header('set-cookie', login.cookie(request)).redirect(rest, 303);
    }
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const [, bearer = ''] = /^Bearer +(.*?) *$/i.exec(authorization) ?? [];
      const outcome = await attempts.judge(request, bearer);
      return outcome === 'right' ? undefined : refuse(request, reply, rest, outcome);
    }
    const cookie = login.cookieOf(request);
    if (cookie === 'right') return;
    if (cookie === 'wrong') reply.header('set-cookie', login.noCookie(request));
    return refuse(request, reply, rest);
  });

  app.get('/login.css', async (_, reply) => reply.type('text/css; charset=utf-8').send(loginStyle));
  app.get('/login', async (request, reply) => sendPage(request, reply.code(200), '/'));

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: mostBytesOfForm },
    (_, body, done) => done(null, new URLSearchParams(String(body))),
  );
  app.post('/login', async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const next = localAddress(form.get('next') ?? '/').rest;
    const outcome = await attempts.judge(request, form.get('token') ?? '');
    if (outcome !== 'right') return refuse(request, reply, next, outcome);
    return reply.header('set-cookie', login.cookie(request)).redirect(next, 303);
  });
}

function attemptsAt(app: FastifyInstance, login: Login): Attempts {
  // It counts what goes beyond its limit.
  const failures = app.createRateLimit({ max: mostFailures - 1, timeWindow: minute });
  const isExceeded = async (request: FastifyRequest, increment: boolean) => {
    const limit = await failures(request, { increment });
    return !limit.isAllowed && limit.isExceeded;
  };
  return {
    async judge(request, given) {
      // Also the right one is not looked at any more, or guessing could go on.
      if (await isExceeded(request, false)) return 'tooMany';
      if (login.isToken(given)) return 'right';
      await isExceeded(request, true);
      request.log.warn(`a wrong token came from ${request.ip}`);
      return 'wrong';
    },
  };
}

const addressOf = ({ url }: FastifyRequest) => localAddress(url);

/** An address on this server, whatever it was, and without the token that may have been in it. */
function localAddress(url: string): { path: string; given: string | undefined; rest: string } {
  const base = 'http://localhost';
  if (!URL.canParse(url, base)) return { path: '/', given: undefined, rest: '/' };
  const { pathname, searchParams } = new URL(url, base);
  const given = searchParams.get('token') ?? undefined;
  searchParams.delete('token');
  const path = `/${pathname.replace(/^\/+/, '')}`;
  return { path, given, rest: searchParams.size > 0 ? `${path}?${searchParams}` : path };
}

const messages: Record<LoginFault | 'none', { error: string; hint: string }> = {
  none: { error: 'this server wants its token', hint: 'send it as "Authorization: Bearer …"' },
  wrong: { error: 'that is not the token', hint: 'it was set with --token or DASHCTL_TOKEN' },
  tooMany: { error: 'too many wrong tokens came from this address', hint: 'try again in a minute' },
};

/** People get a page that asks for the token, programs the reason. */
function refuse(request: FastifyRequest, reply: FastifyReply, next: string, fault?: LoginFault): FastifyReply {
  reply.code(fault === 'tooMany' ? 429 : 401);
  if (fault === 'tooMany') reply.header('retry-after', minute / 1_000);
  else reply.header('www-authenticate', 'Bearer');
  if (request.headers.accept?.includes('text/html')) return sendPage(request, reply, next, fault);
  return reply.send(messages[fault ?? 'none']);
}

function sendPage(request: FastifyRequest, reply: FastifyReply, next: string, fault?: LoginFault): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  return reply
    .header('cache-control', 'no-store')
    .header('vary', 'accept, accept-language, cookie')
    .type('text/html; charset=utf-8')
    .send(loginPage(language, next, fault));
}
