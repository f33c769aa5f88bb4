// The gateway's one port as any HTTPS client finds it: TLS floor, headers, health, figures, the API's own description and its errors.

import { execFile } from 'node:child_process';
import { get } from 'node:https';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../testing/running-gateway.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
}, 30_000);
afterAll(() => gateway.stop());

type Page = { status: number | undefined; headers: Record<string, unknown>; text: string };

/** Without a device, as a browser or a probe asks; trust is not what is tested here. */
function page(path: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    get(new URL(path, gateway.url), { rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    }).on('error', reject);
  });
}

async function openssl(...options: readonly string[]): Promise<string> {
  const args = ['s_client', '-connect', gateway.url.host, ...options];
  const run = promisify(execFile)('openssl', args, { timeout: 10_000 });
  run.child.stdin?.end();
  return run
    .then(({ stdout, stderr }) => stdout + stderr)
    .catch((failed: { stdout: string; stderr: string }) => failed.stdout + failed.stderr);
}

describe('the port', () => {
  it('says that it lives, and what it needs to serve (CON-6)', async () => {
    expect(JSON.parse((await page('/health')).text)).toMatchObject({ isAlive: true });
    const ready = await page('/ready');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text)).toMatchObject({
      isReady: true,
      checks: { store: { isOk: true }, audit: { isOk: true }, disk: { isOk: true } },
    });
  });

  it('gives its figures to this machine in the format of Prometheus (OPS-2)', async () => {
    const { headers, text } = await page('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(/^sallyport_agents_connected 0$/m);
    expect(text).toMatch(/^sallyport_sessions_open 0$/m);
    expect(text).toMatch(/^sallyport_audit_events [1-9]\d*$/m);
  });

  it('sends every answer with HSTS, and nothing that a browser could run or keep (CON-5)', async () => {
    for (const path of ['/health', '/v1/whoami', '/no/such/path']) {
      expect((await page(path)).headers).toMatchObject({
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
      });
    }
  });

  it('describes its API in OpenAPI 3.1, each request and refusal with its shape (OPS-3)', async () => {
    const document = JSON.parse((await page('/v1/openapi.json')).text);
    expect(document.openapi).toBe('3.1.0');
    const join = document.paths['/v1/join-tokens'].post;
    expect(join.requestBody.content['application/json'].schema.properties.uses).toMatchObject({
      type: 'integer',
      maximum: 10_000,
    });
    expect(join.responses['4XX'].content['application/json'].schema.required).toEqual([
      'code',
      'message',
      'rule',
      'hint',
    ]);
  });

  it.each([
    ['/v1/servers', 401, 'NOT_SIGNED_IN'],
    ['/v1/audit', 401, 'NOT_SIGNED_IN'],
    ['/v1/elsewhere', 404, 'NOT_FOUND'],
  ])('refuses a stranger who asks for %s, with the rule and what to do (OPS-3)', async (path, status, code) => {
    const answer = await page(path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({
      code,
      message: expect.any(String),
      rule: expect.any(String),
      hint: expect.any(String),
    });
  });

  it('names what is wrong in a request (OPS-3)', async () => {
    const asked = await gateway.ask('POST', '/v1/join-tokens', { uses: 0 }, gateway.owner);
    expect(asked).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST', message: expect.stringContaining('/uses') },
    });
  });
});

describe('its TLS', () => {
  it.each([
    ['TLS 1.1', ['-tls1_1']],
    ['TLS 1.2 without an AEAD suite', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-SHA384']],
    ['TLS 1.2 without ECDHE', ['-tls1_2', '-cipher', 'AES256-GCM-SHA384']],
  ])('refuses %s (CON-5)', async (_what, options) => {
    expect(await openssl(...options)).toMatch(/Cipher is \(NONE\)/);
  });

  it.each([
    ['TLS 1.3', ['-tls1_3'], /TLSv1\.3, Cipher is TLS_AES_256_GCM_SHA384/],
    ['TLS 1.2 with ECDHE and AES-256-GCM', ['-tls1_2'], /TLSv1\.2, Cipher is ECDHE-ECDSA-AES256-GCM-SHA384/],
  ])('takes %s (CON-5)', async (_what, options, expected) => {
    expect(await openssl(...options)).toMatch(expected);
  });
});
