// Every channel is asked for before it starts and told of when it is over, with its bytes. What the supervisor refuses, or cannot
// answer, does not start.

import type { Duplex } from 'node:stream';
import { type ChannelId, err, ok, type Result } from '@sallyport/core';
import type { ChannelRequest, ExitStatus, Refusal } from '@sallyport/protocol';
import type { Listener, Machine, Process } from '../machine.ts';
import { type See, tapDuplex } from './tap.ts';
import { tapProcess } from './tap-process.ts';

export interface Supervisor {
  /** Before a channel starts. */
  opening(request: ChannelRequest): Promise<Result<ChannelId, Refusal>>;
  /** Once for each channel that was opened. */
  closed(channel: ChannelId, outcome: ChannelOutcome): void;
}

export type ChannelOutcome = {
  /** How its program ended, if it has one that was seen to end. */
  readonly exit?: ExitStatus;
  /** Why it did not start, though the supervisor let it. */
  readonly refusal?: Refusal;
  /** Bytes to the server, and from it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
};

export function supervised(machine: Machine, supervisor: Supervisor): Machine {
  const open = new Set<ChannelCount>();
  void machine.ended.then(() => {
    for (const count of open) count.close({});
  });
  const channel = async <Value>(
    request: ChannelRequest,
    start: (count: ChannelCount) => Promise<Result<Value, Refusal>>,
  ): Promise<Result<Value, Refusal>> => {
    const opened = await opening(supervisor, request);
    if (!opened.ok) return opened;
    const count = new ChannelCount(supervisor, opened.value, open);
    const started = await start(count);
    if (!started.ok) count.close({ refusal: started.error });
    return started;
  };
  const program = (request: ChannelRequest, start: () => Promise<Result<Process, Refusal>>) =>
    channel(request, async (count) => {
      const started = await start();
      return started.ok ? ok(countProcess(started.value, count)) : started;
    });
  return {
    ended: machine.ended,
    end: (reason) => machine.end(reason),
    shell: (request) => program(request, () => machine.shell(request)),
    exec: (request) => program(request, () => machine.exec(request)),
    sftp: (request) => program(request, () => machine.sftp(request)),
    dial: (request) =>
      channel(request, async (count) => {
        const dialled = await machine.dial(request);
        if (!dialled.ok) return dialled;
        const counted = countConnection(dialled.value, count);
        counted.once('close', () => count.close({}));
        return ok(counted);
      }),
    listen: (request, onConnection) =>
      channel(request, async (count) => {
        const listening = await machine.listen(request, (connection, origin) =>
          onConnection(countConnection(connection, count), origin),
        );
        return listening.ok ? ok(countListener(listening.value, count)) : listening;
      }),
  };
}

async function opening(supervisor: Supervisor, request: ChannelRequest): Promise<Result<ChannelId, Refusal>> {
  try {
    return await supervisor.opening(request);
  } catch {
    return err(undecided);
  }
}

class ChannelCount {
  readonly #supervisor: Supervisor;
  readonly #channel: ChannelId;
  readonly #open: Set<ChannelCount>;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(supervisor: Supervisor, channel: ChannelId, open: Set<ChannelCount>) {
    this.#supervisor = supervisor;
    this.#channel = channel;
    this.#open = open;
    open.add(this);
  }

  readonly in: See = (chunk) => {
    this.#bytesIn += chunk.length;
    return undefined;
  };

  readonly out: See = (chunk) => {
    this.#bytesOut += chunk.length;
    return undefined;
  };

  close(outcome: Pick<ChannelOutcome, 'exit' | 'refusal'>): void {
    if (!this.#open.delete(this)) return;
    this.#supervisor.closed(this.#channel, { ...outcome, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut });
  }
}

function countProcess(process: Process, count: ChannelCount): Process {
  const tapped = tapProcess(process, { stdin: count.in, stdout: count.out, stderr: count.out });
  void tapped.exit.then((exit) => count.close({ exit }));
  return tapped;
}

function countConnection(connection: Duplex, count: ChannelCount): Duplex {
  return tapDuplex(connection, count.out, count.in);
}

function countListener(listener: Listener, count: ChannelCount): Listener {
  return {
    port: listener.port,
    close: async () => {
      await listener.close();
      count.close({});
    },
  };
}

const undecided: Refusal = {
  code: 'POLICY_ERROR',
  message: 'whether this is allowed could not be decided',
  rule: 'supervisor',
  hint: 'try again, and tell the administrator if it lasts',
};
