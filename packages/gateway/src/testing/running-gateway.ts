// A whole gateway on loopback in a throw-away folder, with peers that speak its wires as they like: a hostile one sends what no
// `sally` and no agent would.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { expectOk, type LinkId, newId, parseId, systemClock, toBase64Url } from '@sallyport/core';
import {
  type AuditEvent,
  headerNames,
  linkPaths,
  parseEnrolmentLink,
  parseJoinToken,
  proveLink,
} from '@sallyport/protocol';
import { createMux, dialGateway, exporterOf, type Mux } from '@sallyport/tunnel';
import { type RunningGateway, startGateway } from '../index.ts';
import { ed25519Text, hostFacts } from './workspace.ts';

export type Answer = { readonly status: number; readonly body: unknown };
export type TestDevice = { readonly id: string; readonly key: { privateKey: KeyObject; publicKey: KeyObject } };
export type TestAgent = { readonly id: string; readonly certificate: string; readonly privateKey: KeyObject };
type Headers = Readonly<Record<string, string>>;

const timeoutMs = 5_000;

export class GatewayUnderTest {
  readonly folder: string;
  readonly url: URL;
  readonly owner: TestDevice;
  readonly #running: RunningGateway;

  private constructor(folder: string, running: RunningGateway, owner: TestDevice) {
    this.folder = folder;
    this.url = new URL(running.url);
    this.owner = owner;
    this.#running = running;
  }

  /** `tables` are added to its settings. Its owner has one device. */
  static async start(tables = ''): Promise<GatewayUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-hostile-'));
    const settingsFile = join(folder, 'gateway.toml');
    const lines = [
      'workspace = "acme"',
      `dataFolder = "${join(folder, 'data')}"`,
      '[listen]',
      'host = "127.0.0.1"',
      'port = 0',
      '[log]',
      'level = "fatal"',
      tables,
    ];
    await writeFile(settingsFile, lines.join('\n'));
    const program = { settingsFile, environment: {}, version: '0.1.0', print: () => undefined };
    const running = expectOk(await startGateway(program));
    const link = (await readFile(join(folder, 'data/first-owner-link'), 'utf8')).trim();
    const owner = await enrol(new URL(running.url), expectOk(parseEnrolmentLink(link)).code);
    return new GatewayUnderTest(folder, running, owner);
  }

  async stop(): Promise<void> {
    await this.#running.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  connect(): Promise<TLSSocket> {
    return connectTo(this.url);
  }

  /** One request on a connection of its own, proved by the device if there is one. */
  async ask(method: string, path: string, body?: object, device?: TestDevice): Promise<Answer> {
    const socket = await this.connect();
    return askOn(socket, method, path, body, device === undefined ? {} : deviceHeaders(device, exporterOf(socket)));
  }

  /** Another device of the owner. */
  async device(): Promise<TestDevice> {
    const made = await this.ask('POST', '/v1/codes', {}, this.owner);
    return enrol(this.url, textOf(made.body, 'code'));
  }

  enrolWith(code: string): Promise<Answer> {
    return enrolKey(this.url, code, generateKeyPairSync('ed25519'));
  }

  async agent(name: string): Promise<TestAgent> {
    const made = await this.ask('POST', '/v1/join-tokens', {}, this.owner);
    const token = textOf(made.body, 'token');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const socket = await this.connect();
    const id = expectOk(parseJoinToken(token)).token;
    const proof = proveLink({ role: 'agent', id, link: '' }, exporterOf(socket), privateKey);
    const key = toBase64Url(publicKey.export({ type: 'spki', format: 'der' }));
    const asked = { token, publicKey: key, name, facts: { ...hostFacts, hostname: name } };
    const joined = await askOn(socket, 'POST', '/v1/servers', asked, { [headerNames.proof]: proof });
    const pem = textOf(joined.body, 'certificatePem');
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    return { id: textOf(joined.body, 'server'), certificate: toBase64Url(der), privateKey };
  }

  /** An agent's tunnel before it says hello. */
  async tunnel(agent: TestAgent, link: LinkId = newId('link', randomBytes)): Promise<Mux> {
    return this.#dial(linkPaths.agent, (exporter) => agentHeaders(agent, link, exporter));
  }

  async clientLink(device: TestDevice): Promise<Mux> {
    return this.#dial(linkPaths.client, (exporter) => deviceHeaders(device, exporter));
  }

  async #dial(path: string, headers: (exporter: Buffer) => Record<string, string>): Promise<Mux> {
    const socket = await this.connect();
    const ca = `-----BEGIN CERTIFICATE-----\n${chainEnd(socket).toString('base64')}\n-----END CERTIFICATE-----\n`;
    socket.destroy();
    const dialled = expectOk(await dialGateway({ url: this.url, path, ca, headers, timeoutMs }));
    return createMux(dialled.carrier, { role: 'dialler', clock: systemClock, random: Math.random });
  }

  /** What the log holds on disk. */
  async events(): Promise<AuditEvent[]> {
    const folder = join(this.folder, 'data/audit');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return texts
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

export function deviceHeaders({ id, key }: TestDevice, exporter: Buffer): Record<string, string> {
  const device = expectOk(parseId('device', id));
  const proof = proveLink({ role: 'device', id: device, link: '' }, exporter, key.privateKey);
  return { [headerNames.device]: id, [headerNames.proof]: proof };
}

function agentHeaders({ id, certificate, privateKey }: TestAgent, link: LinkId, exporter: Buffer) {
  const proof = proveLink({ role: 'agent', id, link }, exporter, privateKey);
  return { [headerNames.agentCertificate]: certificate, [headerNames.link]: link, [headerNames.proof]: proof };
}

async function enrol(url: URL, code: string): Promise<TestDevice> {
  const key = generateKeyPairSync('ed25519');
  const enrolled = await enrolKey(url, code, key);
  return { id: textOf(enrolled.body, 'device'), key };
}

async function enrolKey(url: URL, code: string, key: TestDevice['key']): Promise<Answer> {
  const socket = await connectTo(url);
  const proof = proveLink({ role: 'device', id: '', link: '' }, exporterOf(socket), key.privateKey);
  const asked = { code, publicKey: ed25519Text(key.publicKey), name: 'laptop' };
  return askOn(socket, 'POST', '/v1/devices', asked, { [headerNames.proof]: proof });
}

function connectTo(url: URL): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), rejectUnauthorized: false });
    socket.once('error', reject).once('secureConnect', () => {
      socket.off('error', reject).on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

async function askOn(
  socket: TLSSocket,
  method: string,
  path: string,
  body: object | undefined,
  headers: Headers,
): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sized = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length };
  const outgoing = request({
    createConnection: () => socket,
    method,
    path,
    headers: { host: 'x', ...sized, ...headers },
  });
  outgoing.on('error', reject).on('response', (incoming) => {
    text(incoming).then((whole) => {
      socket.destroy();
      resolve({ status: incoming.statusCode ?? 0, body: whole === '' ? undefined : JSON.parse(whole) });
    }, reject);
  });
  outgoing.end(payload);
  return promise;
}

function chainEnd(socket: TLSSocket): Buffer {
  const leaf = socket.getPeerX509Certificate();
  const ca = leaf?.issuerCertificate ?? leaf;
  if (!ca) throw new Error('the gateway showed no certificate');
  return ca.raw;
}

function textOf(body: unknown, field: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined;
  if (typeof value !== 'string') throw new Error(`no ${field} in ${JSON.stringify(body)}`);
  return value;
}
