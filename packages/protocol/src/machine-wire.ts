// How a Machine crosses a multiplexed link: the header that opens each stream, and the records inside it.
// The same messages run agent ↔ gateway and client ↔ gateway.

import * as z from 'zod/mini';
import { epochMs, idOf, labels, loginName, oneLine, serverName, wellFormed } from './field.ts';
import { power } from './grant.ts';

const maxCommandBytes = 131_072; // MAX_ARG_STRLEN of Linux: no longer string can be passed to execve.
const maxEnvironment = 64;

export const windowSize = z.strictObject({
  columns: z.int().check(z.minimum(1), z.maximum(65_535)),
  rows: z.int().check(z.minimum(1), z.maximum(65_535)),
  widthPx: z.int().check(z.minimum(0), z.maximum(65_535)),
  heightPx: z.int().check(z.minimum(0), z.maximum(65_535)),
});
export type WindowSize = z.infer<typeof windowSize>;

export const terminalRequest = z.strictObject({
  /** Terminal type, the TERM variable. */
  term: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/)),
  size: windowSize,
  /** Encoded terminal modes (RFC 4254 §8) as opcode → value; only those the host knows are applied. */
  modes: z.record(z.string().check(z.regex(/^[A-Z0-9]{1,12}$/)), z.int()),
});
export type TerminalRequest = z.infer<typeof terminalRequest>;

const environment = z
  .record(
    z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)),
    z.string().check(z.maxLength(32_768), z.regex(/^[^\0]*$/), wellFormed),
  )
  .check(z.refine((all) => Object.keys(all).length <= maxEnvironment, `more than ${maxEnvironment} variables`));

const tcpPort = z.int().check(z.minimum(0), z.maximum(65_535));
/** An address to dial or to listen on: TCP, or a Unix socket on the server. */
export const socketAddress = z.discriminatedUnion('family', [
  z.strictObject({
    family: z.literal('tcp'),
    host: z.string().check(z.maxLength(255), z.regex(/^[A-Za-z0-9.:_%*-]*$/)),
    port: tcpPort,
  }),
  z.strictObject({
    family: z.literal('unix'),
    path: z.string().check(z.minLength(1), z.maxLength(107), z.regex(/^[^\0]*$/), wellFormed),
  }),
]);
export type SocketAddress = z.infer<typeof socketAddress>;

export const channelRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell'), terminal: z.optional(terminalRequest), environment }),
  z.strictObject({
    kind: z.literal('exec'),
    command: z.string().check(z.maxLength(maxCommandBytes), z.regex(/^[^\0]*$/), wellFormed),
    terminal: z.optional(terminalRequest),
    environment,
  }),
  z.strictObject({ kind: z.literal('sftp') }),
  z.strictObject({ kind: z.literal('dial'), to: socketAddress }),
  z.strictObject({ kind: z.literal('listen'), on: socketAddress }),
]);
export type ChannelRequest = z.infer<typeof channelRequest>;
export type ShellRequest = Extract<ChannelRequest, { kind: 'shell' }>;
export type ExecRequest = Extract<ChannelRequest, { kind: 'exec' }>;
export type SftpRequest = Extract<ChannelRequest, { kind: 'sftp' }>;
export type DialRequest = Extract<ChannelRequest, { kind: 'dial' }>;
export type ListenRequest = Extract<ChannelRequest, { kind: 'listen' }>;

/** What a client asks for at the start of a session. */
export const accessRequest = z.strictObject({ server: serverName, login: loginName });
export type AccessRequest = z.infer<typeof accessRequest>;

/** What an agent tells of its host when it connects. */
export const hostFacts = z.strictObject({
  hostname: oneLine(253),
  os: oneLine(128),
  kernel: oneLine(128),
  arch: oneLine(32),
  agentVersion: oneLine(64),
  /** Whether the agent is root; if not, it serves its own login only. */
  isRoot: z.boolean(),
  ownLogin: loginName,
  labels,
});
export type HostFacts = z.infer<typeof hostFacts>;

/** The header of a new stream: JSON, at most maxHeaderBytes. */
export const streamHeader = z.discriminatedUnion('kind', [
  // gateway → agent: begins a session; the stream lives as long as the session does.
  z.strictObject({ kind: z.literal('session'), grant: z.string().check(z.maxLength(16_384)) }),
  // client → gateway: asks for a session; same life.
  z.strictObject({ kind: z.literal('access'), request: accessRequest }),
  // client → gateway: raw SSH bytes for the SSH door.
  z.strictObject({ kind: z.literal('ssh'), server: serverName }),
  // both legs: one channel of a session.
  z.strictObject({ kind: z.literal('channel'), session: idOf('session'), request: channelRequest }),
  // the serving side → the asking side: a connection that a listener of that session took. Raw bytes.
  z.strictObject({
    kind: z.literal('connection'),
    session: idOf('session'),
    listener: oneLine(32),
    origin: socketAddress,
  }),
  // agent → gateway.
  z.strictObject({ kind: z.literal('hello'), facts: hostFacts }),
  z.strictObject({ kind: z.literal('renew') }),
  z.strictObject({
    kind: z.literal('report'),
    refusedGrant: z.strictObject({ code: oneLine(64), reason: oneLine(512), grant: z.optional(oneLine(64)) }),
  }),
]);
export type StreamHeader = z.infer<typeof streamHeader>;
export const maxHeaderBytes = 200_000;

/**
 * Records inside a stream: `u8 kind | u32 length (big endian) | payload`. `json` payloads have a schema below.
 * After `accepted`, a dial channel and a connection carry raw bytes instead, half-closed by the link's own FIN.
 */
export const recordKind = {
  accepted: 0, // json; the answer to every header
  refused: 1, // json refusalOnWire; the last record
  stdin: 2,
  stdinEnd: 3,
  stdout: 4,
  stderr: 5,
  resize: 6, // json windowSize
  signal: 7, // UTF-8 name without SIG (RFC 4254 §6.10)
  exit: 8, // json exitStatus; the last record of a process
  notice: 9, // json: a line for the person, such as a limit that is near
  ended: 10, // json refusalOnWire: why the session ended
} as const;
export type RecordKind = (typeof recordKind)[keyof typeof recordKind];
export const maxRecordBytes = 262_144;

export const sessionAccepted = z.strictObject({ session: idOf('session'), powers: z.array(power), endsAt: epochMs });
export const helloAccepted = z.strictObject({
  server: idOf('server'),
  gatewayTime: epochMs,
  gatewayVersion: oneLine(64),
});
export const renewAccepted = z.strictObject({ certificatePem: z.string().check(z.maxLength(16_384)) });
export const listenAccepted = z.strictObject({ listener: oneLine(32), port: tcpPort });
export const notice = z.strictObject({ text: oneLine(512) });

/** How a process ended: a status, or the signal that killed it (RFC 4254 §6.10). */
export const exitStatus = z.discriminatedUnion('how', [
  z.strictObject({ how: z.literal('exited'), status: z.int().check(z.minimum(0), z.maximum(255)) }),
  z.strictObject({
    how: z.literal('signalled'),
    signal: z.string().check(z.regex(/^[A-Z0-9]{1,12}$/)),
    isCoreDumped: z.boolean(),
  }),
]);
export type ExitStatus = z.infer<typeof exitStatus>;
