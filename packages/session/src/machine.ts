// The Machine: what one session can do on one server as one login. LocalMachine does it in the agent, RemoteMachine through a link,
// and inspection is a lens over it. Nobody gets one except by an authorized session.

import type { Duplex, Readable, Writable } from 'node:stream';
import type { Result } from '@sallyport/core';
import type {
  DialRequest,
  ExecRequest,
  ExitStatus,
  ListenRequest,
  Refusal,
  SftpRequest,
  ShellRequest,
  SocketAddress,
  WindowSize,
} from '@sallyport/protocol';

export interface Machine {
  /** An interactive login shell, on a terminal if the request has one. */
  shell(request: ShellRequest): Promise<Result<Process, Refusal>>;
  /** A command run by the login's shell, as `sshd` does. */
  exec(request: ExecRequest): Promise<Result<Process, Refusal>>;
  /** The SFTP subsystem: its protocol on stdin and stdout. */
  sftp(request: SftpRequest): Promise<Result<Process, Refusal>>;
  /** A connection from the server, with half-close both ways. */
  dial(request: DialRequest): Promise<Result<Duplex, Refusal>>;
  /** Connections made to the server, until the listener or the session ends. */
  listen(
    request: ListenRequest,
    onConnection: (connection: Duplex, origin: SocketAddress) => void,
  ): Promise<Result<Listener, Refusal>>;
  /** Ends the session and everything in it. Resolves when nothing of it runs any more. Idempotent. */
  end(reason: Refusal): Promise<void>;
  /** Resolves, once, when the session is over: with why. Never rejects. */
  readonly ended: Promise<Refusal>;
}

export interface Process {
  /** Ending it is end of file for the process. */
  readonly stdin: Writable;
  /** Output, and on a terminal everything. Ends when the process has closed it. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process is gone and its output has been delivered to the streams. Never rejects. */
  readonly exit: Promise<ExitStatus>;
  resize(size: WindowSize): void;
  /** Signal by name without SIG (RFC 4254 §6.9); unknown names are ignored. */
  signal(name: string): void;
  /** Hangs up: the process and its descendants are told, then killed. Idempotent. */
  hangUp(): void;
}

export interface Listener {
  /** The port that was bound (the one asked for, or one chosen for port 0); 0 for a Unix socket. */
  readonly port: number;
  close(): Promise<void>;
}
