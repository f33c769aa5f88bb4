// The time limits of a session (SES-6): an absolute end and an idle limit, each announced before it strikes. What counts as activity:
// every byte in either direction, and on a terminal only what the person does (input, resize): a `top` left running is nobody.

import { type Clock, type EpochMs, ok, type Timer } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Machine, Process } from '../machine.ts';
import { type See, tapDuplex } from './tap.ts';
import { tapProcess } from './tap-process.ts';

export type SessionLimits = {
  /** The session ends at this time at the latest. */
  readonly endsAt: EpochMs;
  /** It ends after this long without activity; 0 is no idle limit. */
  readonly idleMs: number;
  /** How long before a limit strikes it is announced; each at most half the limit, so that a short one warns once, halfway. */
  readonly warnBeforeMs?: readonly number[];
};

const usualWarningsMs = [300_000, 60_000, 30_000];
// Wall time may jump: the end is looked at again at least this often.
const longestWaitMs = 30_000;

/** The machine, ended with LIMIT_REACHED when a limit strikes. `notify` gets the announcements, and why it ended. */
export function limited(
  machine: Machine,
  limits: SessionLimits,
  clock: Clock,
  notify: (text: string) => void,
): Machine {
  const watch = new LimitWatch(machine, limits, clock, notify);
  const active: See = () => watch.active();
  const process = (inner: Process, isTerminal: boolean) => {
    const output = isTerminal ? unseen : active;
    return tapProcess(inner, { stdin: active, stdout: output, stderr: output, resized: () => watch.active() });
  };
  return {
    ended: machine.ended,
    end: (reason) => machine.end(reason),
    shell: async (request) => {
      watch.active();
      const started = await machine.shell(request);
      return started.ok ? ok(process(started.value, request.terminal !== undefined)) : started;
    },
    exec: async (request) => {
      watch.active();
      const started = await machine.exec(request);
      return started.ok ? ok(process(started.value, request.terminal !== undefined)) : started;
    },
    sftp: async (request) => {
      watch.active();
      const started = await machine.sftp(request);
      return started.ok ? ok(process(started.value, false)) : started;
    },
    dial: async (request) => {
      watch.active();
      const dialled = await machine.dial(request);
      return dialled.ok ? ok(tapDuplex(dialled.value, active, active)) : dialled;
    },
    listen: (request, onConnection) => {
      watch.active();
      return machine.listen(request, (connection, origin) => {
        watch.active();
        onConnection(tapDuplex(connection, active, active), origin);
      });
    },
  };
}

const unseen: See = () => undefined;

type Limit = {
  readonly leftMs: () => number;
  readonly warningsMs: readonly number[];
  readonly announce: (leftMs: number) => string;
  readonly strike: Refusal;
  /** The shortest announcement made since the limit was last moved. */
  announcedMs: number;
};

class LimitWatch {
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #notify: (text: string) => void;
  readonly #limits: readonly Limit[];
  readonly #idle: Limit;
  #activeAtMs: number;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(machine: Machine, limits: SessionLimits, clock: Clock, notify: (text: string) => void) {
    this.#machine = machine;
    this.#clock = clock;
    this.#notify = notify;
    this.#activeAtMs = clock.monotonicMs();
    const { endsAt, idleMs, warnBeforeMs = usualWarningsMs } = limits;
    this.#idle = {
      leftMs: () => this.#activeAtMs + idleMs - clock.monotonicMs(),
      warningsMs: warningsFor(idleMs, warnBeforeMs),
      announce: (leftMs) => `nothing has happened for a while: this session ends in ${spoken(leftMs)} unless you go on`,
      strike: idleLimit(idleMs),
      announcedMs: Number.POSITIVE_INFINITY,
    };
    const end: Limit = {
      leftMs: () => endsAt - clock.now(),
      warningsMs: warningsFor(endsAt - clock.now(), warnBeforeMs),
      announce: (leftMs) => `this session ends in ${spoken(leftMs)}: its time limit is near`,
      strike: timeLimit,
      announcedMs: Number.POSITIVE_INFINITY,
    };
    this.#limits = idleMs > 0 ? [end, this.#idle] : [end];
    void machine.ended.then(() => this.#stop());
    this.#look();
  }

  active(): undefined {
    this.#activeAtMs = this.#clock.monotonicMs();
    this.#idle.announcedMs = Number.POSITIVE_INFINITY;
  }

  // One timer for both limits; activity does not touch it: when it fires, it looks at what has happened since.
  #look(): void {
    if (this.#isOver) return;
    let waitMs = longestWaitMs;
    for (const limit of this.#limits) {
      const leftMs = limit.leftMs();
      if (leftMs <= 0) {
        this.#strike(limit.strike);
        return;
      }
      this.#announce(limit, leftMs);
      const next = limit.warningsMs.find((warningMs) => warningMs < leftMs && warningMs < limit.announcedMs) ?? 0;
      waitMs = Math.min(waitMs, leftMs - next);
    }
    this.#timer = this.#clock.after(Math.max(waitMs, 1), () => this.#look());
  }

  #announce(limit: Limit, leftMs: number): void {
    const due = limit.warningsMs.filter((warningMs) => leftMs <= warningMs && warningMs < limit.announcedMs).at(-1);
    if (due === undefined) return;
    limit.announcedMs = due;
    this.#notify(limit.announce(leftMs));
  }

  #strike(reason: Refusal): void {
    this.#stop();
    this.#notify(`${reason.message}; hint: ${reason.hint}`);
    void this.#machine.end(reason);
  }

  #stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }
}

// Longest first. A limit too short for any of them is announced once, halfway.
function warningsFor(limitMs: number, warnBeforeMs: readonly number[]): readonly number[] {
  const fitting = warnBeforeMs.filter((warningMs) => warningMs <= limitMs / 2).sort((a, b) => b - a);
  return fitting.length > 0 ? fitting : [limitMs / 2];
}

function spoken(durationMs: number): string {
  const seconds = Math.max(1, Math.round(durationMs / 1000));
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

const timeLimit: Refusal = {
  code: 'LIMIT_REACHED',
  message: 'the session reached its time limit',
  rule: 'session.endsAt',
  hint: 'open a new session',
};

function idleLimit(idleMs: number): Refusal {
  return {
    code: 'LIMIT_REACHED',
    message: `the session was idle for ${spoken(idleMs)}`,
    rule: 'session.idleMs',
    hint: 'open a new session',
  };
}
