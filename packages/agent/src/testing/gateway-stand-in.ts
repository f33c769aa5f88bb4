// The other end of the agent's wire for its tests: a real HTTPS server on loopback that admits, certifies and asks, by the same
// protocol and tunnel packages as the gateway, and that can be told to refuse, to lie or to vanish.

import { createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import {
  base32,
  type Clock,
  expectOk,
  type LinkId,
  newId,
  ok,
  parseId,
  type ServerId,
  toBase64Url,
} from '@sallyport/core';
import {
  formatJoinToken,
  headerNames,
  isLinkProven,
  linkPaths,
  type Refusal,
  refusalMeanings,
  type StreamHeader,
  serverJoin,
} from '@sallyport/protocol';
import { createMux, exporterOf, type Mux, tlsFloor, webSocketAcceptor, writeAnswer } from '@sallyport/tunnel';
import { makeCa, makeLeaf, makeTlsIdentity, spkiOf, type TestCa, type Validity } from './certificates.ts';

export type AgentArrival = { readonly mux: Mux; readonly link: LinkId; readonly server: ServerId };
type Report = Extract<StreamHeader, { kind: 'report' }>['refusedGrant'];

const hourMs = 3_600_000;

export class GatewayStandIn {
  readonly grantKey = generateKeyPairSync('ed25519');
  readonly secret = base32(randomBytes(32));
  readonly tokenId = newId('token', randomBytes);
  readonly ca: TestCa;
  /** Everything that reached it, to show what did not. */
  readonly requests: { readonly path: string; readonly body: string }[] = [];
  readonly reports: Report[] = [];
  readonly arrivals: AgentArrival[] = [];
  /** Answers every request of that path with this refusal instead. */
  readonly refusals = new Map<string, Refusal>();
  validity: () => Validity;
  /** Added to the clock that hello tells. */
  skewMs = 0;
  /** The id told in hello instead of the agent's own. */
  mistakenFor: ServerId | undefined;
  connections = 0;
  readonly #clock: Clock;
  readonly #https: Server;
  readonly #sockets = new Set<Socket>();
  readonly #accept = webSocketAcceptor();
  #watchers: (() => void)[] = [];

  private constructor(clock: Clock, ca: TestCa, https: Server) {
    this.#clock = clock;
    this.ca = ca;
    this.#https = https;
    this.validity = () => ({ notBefore: clock.now() - 60_000, notAfter: clock.now() + 24 * hourMs });
    https.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
    });
    https.on('tlsClientError', (_, socket) => socket.destroy());
    https.on('request', (request, response) => void this.#request(request, response));
    https.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  static async start(
    clock: Clock,
    options: { ca?: TestCa; host?: string; validity?: Validity; port?: number } = {},
  ): Promise<GatewayStandIn> {
    const now = clock.now();
    const ca = options.ca ?? (await makeCa(now));
    const host = options.host ?? '127.0.0.1';
    const names = [{ type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const), value: host }];
    const identity = await makeTlsIdentity(
      ca,
      names,
      options.validity ?? { notBefore: now - hourMs, notAfter: now + hourMs },
    );
    const https = createServer({ ...tlsFloor, ...identity });
    await new Promise<void>((resolve, reject) => {
      https.once('error', reject);
      https.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return new GatewayStandIn(clock, ca, https);
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#https.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  token(caFingerprint: string | undefined = this.ca.fingerprint): string {
    return formatJoinToken({ token: this.tokenId, secret: this.secret, caFingerprint });
  }

  /** Resolves once the condition holds; it is looked at after everything that happens here. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** The n-th tunnel that said hello, counted from one. */
  async arrival(count = 1): Promise<AgentArrival> {
    await this.until(() => this.arrivals.length >= count);
    const arrival = this.arrivals[count - 1];
    if (!arrival) throw new Error('no arrival');
    return arrival;
  }

  /** Cuts every connection and stops listening, as a killed process does. */
  async vanish(): Promise<void> {
    const closed = new Promise((resolve) => this.#https.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await text(request);
    this.requests.push({ path, body });
    const refusal = this.refusals.get(path);
    if (refusal) this.#answer(response, refusalMeanings[refusal.code].httpStatus, refusal);
    else if (path === '/v1/servers') this.#answer(response, 201, await this.#join(request, body));
    else if (path === '/v1/servers/renew') this.#answer(response, 200, { certificatePem: await this.#renew(request) });
    else this.#answer(response, 200, {});
    this.#changed();
  }

  #answer(response: ServerResponse, status: number, body: object): void {
    const date = new Date(this.#clock.now() + this.skewMs).toUTCString();
    response.writeHead(status, { 'content-type': 'application/json', date }).end(JSON.stringify(body));
  }

  async #join(request: IncomingMessage, body: string): Promise<object> {
    const { publicKey, name, token } = serverJoin.parse(JSON.parse(body));
    const spki = Buffer.from(publicKey, 'base64url');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const proof = headerOf(request, headerNames.proof);
    if (
      token !== this.token() ||
      !isLinkProven({ role: 'agent', id: this.tokenId, link: '' }, exporterOn(request), proof, key)
    ) {
      return { code: 'PROOF_INVALID', message: 'no', rule: 'test', hint: 'none' };
    }
    const server = newId('server', randomBytes);
    const grantKey = toBase64Url(spkiOf(this.grantKey.publicKey));
    return {
      server,
      name,
      workspace: 'test',
      certificatePem: await this.certify(server, spki),
      caPem: this.ca.certPem,
      grantKey,
    };
  }

  certify(server: ServerId, spki: Uint8Array): Promise<string> {
    return makeLeaf(this.ca, spki, [{ type: 'url', value: `spiffe://test/server/${server}` }], this.validity());
  }

  async #renew(request: IncomingMessage): Promise<string> {
    const { server, key } = this.#agentOf(request);
    return this.certify(server, spkiOf(key));
  }

  /** The agent of a request whose proof holds; throws otherwise, which a test sees as a dead connection. */
  #agentOf(request: IncomingMessage) {
    const certificate = new X509Certificate(Buffer.from(headerOf(request, headerNames.agentCertificate), 'base64url'));
    const id = /server\/(srv_\w+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? '';
    const server = expectOk(parseId('server', id));
    const link = expectOk(parseId('link', headerOf(request, headerNames.link)));
    const key = certificate.publicKey;
    const isProven = isLinkProven(
      { role: 'agent', id, link },
      exporterOn(request),
      headerOf(request, headerNames.proof),
      key,
    );
    if (!isProven || !certificate.verify(new X509Certificate(this.ca.certPem).publicKey)) throw new Error('not proven');
    return { server, link, key };
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.requests.push({ path: request.url ?? '', body: '' });
    const refusal = this.refusals.get(linkPaths.agent);
    if (refusal) {
      const body = JSON.stringify(refusal);
      socket.end(`HTTP/1.1 403 Refused\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      return this.#changed();
    }
    const { server, link, key } = this.#agentOf(request);
    const carrier = await this.#accept(request, socket, head);
    const mux = createMux(carrier, { role: 'acceptor', clock: this.#clock, random: () => 0.5 });
    mux.onStream((stream, header) => {
      if (header.kind === 'hello') {
        const gatewayTime = this.#clock.now() + this.skewMs;
        writeAnswer(stream, ok({ server: this.mistakenFor ?? server, gatewayTime, gatewayVersion: 'test' }));
        this.arrivals.push({ mux, link, server });
      } else if (header.kind === 'renew') {
        void this.certify(server, spkiOf(key)).then((certificatePem) => writeAnswer(stream, ok({ certificatePem })));
      } else if (header.kind === 'report') {
        this.reports.push(header.refusedGrant);
        stream.resume().end();
      }
      this.#changed();
    });
  }
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function exporterOn({ socket }: IncomingMessage): Buffer {
  if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
  return exporterOf(socket);
}
