// The few system calls that Node lacks: real pipes, and terminals. Loaded when the first process of a session needs them (1.7 MB).
// Every descriptor made here closes on exec: nothing of one login's session may reach another's process.

import { constants, readdirSync } from 'node:fs';
import { err, ok, type Result } from '@sallyport/core';
import type { WindowSize } from '@sallyport/protocol';
import { applyModes, termiosBytes } from './terminal-modes.ts';

type PipeEnds = { readonly readEnd: number; readonly writeEnd: number };
type TerminalPair = { readonly master: number; readonly slave: number; readonly path: string };

export interface Kernel {
  /** pipe2(2): unlike Node's socket pairs, a process can open it again as /dev/stdin or /dev/stderr. */
  openPipe(): Result<PipeEnds, string>;
  /** A new pseudo-terminal (pts(4)); the master does not block. */
  openTerminal(): Result<TerminalPair, string>;
  /** Whether this host gives out terminals at all. */
  canOpenTerminal(): boolean;
  setWindowSize(master: number, size: WindowSize): void;
  setModes(slave: number, modes: Readonly<Record<string, number>>): void;
  /**
   * A session keyring of its own for what this thread starts next (session-keyring(7)): systemd gives the agent one, and logins that
   * share it read each other's keys. False where the kernel has them and gives none.
   */
  newSessionKeyring(): boolean;
  /** For what was opened here: in a worker thread Node keeps account of the descriptors that it opened itself. */
  close(fd: number): void;
}

// ioctl(2) requests of asm-generic, which x86-64 and arm64 share.
const TCGETS = 0x5401;
const TCSETS = 0x5402;
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x8004_5430;
const TIOCSPTLCK = 0x4004_5431;
// keyctl(2).
const SYS_keyctl: Readonly<Record<string, number>> = { x64: 250, arm64: 219 };
const KEYCTL_JOIN_SESSION_KEYRING = 1;
// No keyrings in this kernel, or none for this container: then nothing is shared either.
const hasNoKeyrings: readonly number[] = [1, 38, 95]; // EPERM, ENOSYS, EOPNOTSUPP
const O_CLOEXEC = 0o2_000_000;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

export async function loadKernel(): Promise<Result<Kernel, string>> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(null);
    const fcntl = library.func('int fcntl(int fd, int command, ...)');
    // What the agent itself was started with stays with the agent (sshd closes it: closefrom).
    for (const fd of readdirSync('/proc/self/fd').map(Number)) if (fd > 2) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
    const open = library.func('int open(const char *path, int flags, ...)');
    const close = library.func('int close(int fd)');
    const pipe2 = library.func('int pipe2(void *ends, int flags)');
    const ioctl = library.func('int ioctl(int fd, unsigned long request, ...)');
    const syscall = library.func('long syscall(long number, ...)');
    const keyctl = SYS_keyctl[process.arch];
    return ok(
      kernelOf({
        open: (path, flags) => Number(open(path, flags)),
        close: (fd) => void close(fd),
        pipe2: (ends, flags) => Number(pipe2(ends, flags)),
        ioctl: (fd, request, argument) => Number(ioctl(fd, request, 'void *', argument)),
        joinKeyring: () =>
          keyctl === undefined ||
          Number(syscall(keyctl, 'int', KEYCTL_JOIN_SESSION_KEYRING, 'void *', null)) > 0 ||
          hasNoKeyrings.includes(koffi.errno()),
        lastError: () => `errno ${koffi.errno()}`,
      }),
    );
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

type Calls = {
  open(path: string, flags: number): number;
  close(fd: number): void;
  pipe2(ends: Buffer, flags: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  joinKeyring(): boolean;
  lastError(): string;
};

function kernelOf({ open, close, pipe2, ioctl, joinKeyring, lastError }: Calls): Kernel {
  const openTerminal = (): Result<TerminalPair, string> => {
    const master = open('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0) return err(`opening a terminal: ${lastError()}`);
    const number = Buffer.alloc(4);
    if (ioctl(master, TIOCSPTLCK, Buffer.alloc(4)) === 0 && ioctl(master, TIOCGPTN, number) === 0) {
      const path = `/dev/pts/${number.readInt32LE()}`;
      const slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
      if (slave >= 0) return ok({ master, slave, path });
    }
    const why = lastError();
    close(master);
    return err(`unlocking a terminal: ${why}`);
  };
  return {
    close,
    newSessionKeyring: joinKeyring,
    openTerminal,
    canOpenTerminal: () => {
      const opened = openTerminal();
      if (!opened.ok) return false;
      close(opened.value.slave);
      close(opened.value.master);
      return true;
    },
    openPipe: () => {
      const ends = Buffer.alloc(8);
      if (pipe2(ends, O_CLOEXEC) !== 0) return err(`pipe2: ${lastError()}`);
      return ok({ readEnd: ends.readInt32LE(0), writeEnd: ends.readInt32LE(4) });
    },
    setWindowSize: (master, size) => {
      // struct winsize of ioctl_tty(2): rows, columns, width, height; 16 bits each.
      const window = Buffer.alloc(8);
      window.writeUInt16LE(size.rows, 0);
      window.writeUInt16LE(size.columns, 2);
      window.writeUInt16LE(size.widthPx, 4);
      window.writeUInt16LE(size.heightPx, 6);
      ioctl(master, TIOCSWINSZ, window);
    },
    setModes: (slave, modes) => {
      const termios = Buffer.alloc(termiosBytes);
      if (ioctl(slave, TCGETS, termios) !== 0) return;
      applyModes(termios, modes);
      ioctl(slave, TCSETS, termios);
    },
  };
}
