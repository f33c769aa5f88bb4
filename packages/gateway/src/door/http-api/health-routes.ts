// Whether the gateway lives, whether it can serve, and its figures. What these say must be safe for a stranger to read.

import { readiness } from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { HttpServer } from './server.ts';

type ReadinessCheck = () => Promise<{ readonly isOk: boolean; readonly detail: string }>;

type Needs = {
  readonly version: string;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whether this peer may read the figures. */
  readonly mayScrape: (address: string) => boolean;
};

export function healthRoutes(server: HttpServer, { version, checks, metrics, mayScrape }: Needs): void {
  server.get(
    '/health',
    { schema: { tags: ['health'], response: { 200: z.object({ isAlive: z.literal(true), version: z.string() }) } } },
    async () => ({
      isAlive: true as const,
      version,
    }),
  );
  server.get(
    '/ready',
    { schema: { tags: ['health'], response: { 200: readiness, 503: readiness } } },
    async (_request, reply) => {
      const answers = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await check()] as const),
      );
      const isReady = answers.every(([, answer]) => answer.isOk);
      return reply.code(isReady ? 200 : 503).send({ isReady, checks: Object.fromEntries(answers) });
    },
  );
  server.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!mayScrape(request.socket.remoteAddress ?? '')) return reply.code(403).send('');
    const { contentType, text } = await metrics();
    return reply.type(contentType).send(text);
  });
  server.get('/v1/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}
