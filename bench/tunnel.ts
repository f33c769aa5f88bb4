// The tunnel by itself: throughput of one stream and of fifty, echo latency idle and under bulk, memory of an idle link. The gateway's
// side is a process of its own; everything goes through real TLS on loopback. Bare TLS between the same processes stands beside.

import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { systemClock } from '@sallyport/core';
import { createMux, dialGateway, type Mux, type MuxStream, tlsFloor } from '@sallyport/tunnel';
import { type Measurement, median, quantile, type Row } from './report.ts';
import type { SlowLine } from './slow-line.ts';
import { type PeerMemory, type PeerPorts, type PeerStart, roles } from './tunnel-peer.ts';

const megabyte = 1_000_000;
const throughputMs = 1_500;
const echoes = 1_000;
const slowEchoes = 60;
const line = { roundTripMs: 40, bytesPerSecond: 25 * megabyte };
const idleLinks = 500;

export const tunnelMeasurement: Measurement = {
  name: 'tunnel',
  about: 'one link through real TLS on loopback, its two ends in two processes',
  measure: async () => {
    const certificate = selfSigned();
    const rows = await withPeer(certificate, async (peer) => [
      ...(await flows(peer, certificate.cert)),
      ...(await overSlowLine(peer, certificate.cert)),
    ]);
    // In a process of its own: what the flows left behind would hide what a link takes.
    rows.push(await withPeer(certificate, (peer) => idleMemory(peer, certificate.cert)));
    return rows;
  },
};

type Peer = { readonly process: ChildProcess; readonly ports: PeerPorts };

async function withPeer<T>(certificate: PeerStart, use: (peer: Peer) => Promise<T>): Promise<T> {
  const child = fork(new URL('./tunnel-peer.ts', import.meta.url), { execArgv: ['--expose-gc'] });
  try {
    child.send(certificate);
    const [ports]: PeerPorts[] = await once(child, 'message');
    if (!ports) throw new Error('the peer did not start');
    return await use({ process: child, ports });
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

async function flows({ ports }: Peer, ca: string): Promise<Row[]> {
  const bare = await bareTls(ports.tlsPort, ca);
  const mux = await link(ports.linkPort, ca);
  await throughputDown(mux, 1);
  const beside = { who: 'bare TLS', figure: bare };
  const rows: Row[] = [
    { what: 'download, 1 stream', figure: await throughputDown(mux, 1), unit: 'MB/s', beside },
    { what: 'download, 50 streams', figure: await throughputDown(mux, 50), unit: 'MB/s', beside },
    { what: 'upload, 1 stream', figure: await throughputUp(mux), unit: 'MB/s', beside },
  ];
  for (const bulk of [0, 1, 50]) {
    const latenciesMs = await echoLatencies(mux, bulk);
    const under = bulk === 0 ? 'idle' : `beside ${bulk} bulk streams`;
    rows.push({ what: `echo of a byte, ${under}: p50`, figure: median(latenciesMs), unit: 'ms' });
    rows.push({ what: `echo of a byte, ${under}: p99`, figure: quantile(latenciesMs, 0.99), unit: 'ms' });
  }
  mux.close('measured');
  return rows;
}

/** A keystroke's way there and back on a line of 40 ms and 200 Mbit/s that bulk keeps full. */
async function overSlowLine({ ports }: Peer, ca: string): Promise<Row[]> {
  const child = fork(new URL('./slow-line.ts', import.meta.url));
  try {
    child.send({ toPort: ports.linkPort, ...line } satisfies SlowLine);
    const [port]: number[] = await once(child, 'message');
    const mux = await link(port ?? 0, ca);
    const beside = { who: 'the line', figure: line.roundTripMs };
    const rows: Row[] = [];
    for (const bulk of [1, 50]) {
      const figure = median(await echoLatencies(mux, bulk, slowEchoes));
      const what = `echo of a byte on a slow line, beside ${bulk} bulk streams: p50`;
      rows.push({ what, figure, unit: 'ms', beside, goal: { atMost: 1.3 } });
    }
    mux.close('measured');
    return rows;
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

async function link(port: number, ca: string): Promise<Mux> {
  const url = new URL(`https://127.0.0.1:${port}`);
  const dialled = await dialGateway({ url, path: '/', ca, headers: () => ({}), timeoutMs: 30_000 });
  if (!dialled.ok) throw new Error(`${dialled.error.step}: ${dialled.error.message}`);
  return createMux(dialled.value.carrier, { role: 'dialler', clock: systemClock, random: Math.random });
}

const open = (mux: Mux, server: string): MuxStream => mux.open({ kind: 'ssh', server });

/** Bytes that arrive on all of them together, in MB/s, after a start that is not counted. */
async function received(streams: readonly Readable[]): Promise<number> {
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.byteLength;
  };
  for (const stream of streams) stream.on('data', count);
  await passed(throughputMs / 5);
  const [startBytes, startMs] = [bytes, performance.now()];
  await passed(throughputMs);
  return (bytes - startBytes) / megabyte / ((performance.now() - startMs) / 1000);
}

async function throughputDown(mux: Mux, count: number): Promise<number> {
  const streams = Array.from({ length: count }, () => open(mux, roles.pour));
  const rate = await received(streams);
  for (const stream of streams) stream.destroy();
  return rate;
}

async function throughputUp(mux: Mux): Promise<number> {
  const stream = open(mux, roles.swallow);
  const block = Buffer.alloc(65_536, 0x5a);
  const startMs = performance.now();
  while (performance.now() - startMs < throughputMs) if (!stream.write(block)) await once(stream, 'drain');
  stream.end();
  const bytes = Number((await buffer(stream)).toString());
  return bytes / megabyte / ((performance.now() - startMs) / 1000);
}

async function echoLatencies(mux: Mux, bulk: number, count = echoes): Promise<number[]> {
  const floods = Array.from({ length: bulk }, () => open(mux, roles.pour).resume());
  const stream = open(mux, roles.echo);
  const latenciesMs: number[] = [];
  const warmups = Math.min(100, count);
  for (let n = 0; n < count + warmups; n += 1) {
    const startMs = performance.now();
    stream.write('k');
    await once(stream, 'data');
    if (n >= warmups) latenciesMs.push(performance.now() - startMs);
  }
  stream.destroy();
  for (const flood of floods) flood.destroy();
  return latenciesMs;
}

async function bareTls(port: number, ca: string): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', ca, ...tlsFloor });
  await once(socket, 'secureConnect');
  const rate = await received([socket]);
  socket.destroy();
  return rate;
}

async function idleMemory({ process: peer, ports }: Peer, ca: string): Promise<Row> {
  const warmup = await linksTo(ports.linkPort, ca, 50);
  const before = await memoryOf(peer);
  const links = await linksTo(ports.linkPort, ca, idleLinks);
  const after = await memoryOf(peer);
  for (const one of [...warmup, ...links]) one.close('measured');
  const figure = (after.rssBytes - before.rssBytes) / (after.links - before.links) / 1000;
  return {
    what: `idle link, memory of the accepting side (${idleLinks} links)`,
    figure,
    unit: 'KB',
    goal: { atMost: 60 },
  };
}

async function linksTo(port: number, ca: string, count: number): Promise<Mux[]> {
  const links: Mux[] = [];
  for (let n = 0; n < count; n += 25) {
    links.push(...(await Promise.all(Array.from({ length: 25 }, () => link(port, ca)))));
  }
  return links;
}

async function memoryOf(peer: ChildProcess): Promise<PeerMemory> {
  await passed(500);
  peer.send('memory');
  const [memory]: PeerMemory[] = await once(peer, 'message');
  if (!memory) throw new Error('the peer did not answer');
  return memory;
}

function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function selfSigned(): PeerStart {
  const folder = mkdtempSync(join(tmpdir(), 'sally-bench-tunnel-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const what = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=bench',
  ];
  try {
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', ...what, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
