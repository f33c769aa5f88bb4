// The gateway's one HTTPS port: TLS floor, limits, security headers, and the API's errors as refusals. It decides nothing itself.

import type { Server } from 'node:https';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type { Clock } from '@sallyport/core';
import { type Refusal, refusalMeanings, refusalOnWire, toWire } from '@sallyport/protocol';
import { tlsFloor } from '@sallyport/tunnel';
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { lastWords, type UpgradeDoor } from '../connection.ts';

export type HttpServer = FastifyInstance<
  Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export type HttpServerOptions = {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly logger: FastifyBaseLogger;
  readonly clock: Clock;
  readonly version: string;
  /** Path → what takes an upgrade there. */
  readonly upgrades: Readonly<Record<string, UpgradeDoor>>;
};

const dayMs = 86_400_000;
// What a stranger can make the gateway hold for each connection; a route that takes more asks who is there first.
const maxBodyBytes = 64 * 1024;
const handshakeTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
// A connection that says nothing, or its headers letter by letter; Node looks for such ones only every 30 s by itself.
const headersTimeoutMs = 15_000;
const lookForSlowEveryMs = 5_000;
// One address may ask this often without being known to us yet; enough for a fleet behind one NAT that restarts.
const maxRequestsPerMinute = 6_000;

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = fastify({
    https: {
      ...tlsFloor,
      ...options.tls,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeTimeoutMs,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: lookForSlowEveryMs,
    },
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: 0,
    trustProxy: false,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error);
    if (!refusal) {
      request.log.error({ err: error }, 'a request failed by our own fault');
      return reply.code(500).send(toWire(ownFault));
    }
    return reply.code(refusalMeanings[refusal.code].httpStatus).send(toWire(refusal));
  });
  server.setNotFoundHandler((request, reply) => reply.code(404).send(toWire(noSuchPath(request.method, request.url))));
  server.addHook('onSend', async (_request, reply) => {
    reply.header('Strict-Transport-Security', 'max-age=63072000; includeSubDomains'); // RFC 6797 §6.1, two years
    reply.header('X-Content-Type-Options', 'nosniff');
    reply.header('Cache-Control', 'no-store');
    reply.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  });
  await server.register(rateLimit, { max: maxRequestsPerMinute, timeWindow: '1 minute' });
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sallyport', description: 'The gateway API', version: options.version },
    },
    transform: jsonSchemaTransform,
  });
  routeUpgrades(server.server, options.upgrades, options.clock);
  return server;
}

/** Puts a new certificate in place each day, without a restart. */
export function renewDaily(
  server: HttpServer,
  certificate: () => Promise<HttpServerOptions['tls']>,
  onFailure: (error: unknown) => void,
): void {
  const renew = () => certificate().then((tls) => server.server.setSecureContext({ ...tlsFloor, ...tls }), onFailure);
  const timer = setInterval(() => void renew(), dayMs);
  timer.unref();
  server.addHook('onClose', async () => clearInterval(timer));
}

/** Every refusal has this body, whatever its status. */
export const refusalResponses = { '4xx': refusalOnWire, '5xx': refusalOnWire } as const;

function routeUpgrades(server: Server, doors: HttpServerOptions['upgrades'], clock: Clock): void {
  server.on('upgrade', (request, socket, head) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const door = Object.hasOwn(doors, path) ? doors[path] : undefined;
    if (door) return door(request, socket, head);
    lastWords(socket, 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', clock);
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
}

function refusalOf(error: FastifyError): Refusal | undefined {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const mistakes = error.validation.map(
      (mistake) => `${mistake.instancePath || '/'} ${mistake.message ?? 'is wrong'}`,
    );
    return badRequest(mistakes.join('; '));
  }
  if (error.statusCode === 429) {
    return { code: 'TOO_MANY', message: error.message, rule: 'limits.requests', hint: 'wait a minute, then try again' };
  }
  if (error.statusCode !== undefined && error.statusCode < 500) return badRequest(error.message);
  return undefined;
}

function badRequest(message: string): Refusal {
  return { code: 'BAD_REQUEST', message, rule: 'the API schema', hint: 'see /v1/openapi.json for what is accepted' };
}

function noSuchPath(method: string, url: string): Refusal {
  return {
    code: 'NOT_FOUND',
    message: `there is no ${method} ${url.slice(0, 200)}`,
    rule: 'the API schema',
    hint: 'see /v1/openapi.json',
  };
}

const ownFault: Refusal = {
  code: 'STORE_UNAVAILABLE',
  message: 'the gateway could not answer',
  rule: 'what cannot be decided is refused',
  hint: 'try again; an administrator finds the reason in the gateway log',
};
