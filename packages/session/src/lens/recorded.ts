// Shells and execs recorded as they pass (REC-1); file transfers and forwards are told as events. No byte is shown that was not given
// to the recorder first, and a recording that fails ends the session.

import { err, ok, type Result } from '@sallyport/core';
import type { ChannelRequest, ExecRequest, ExitStatus, Refusal, ShellRequest, WindowSize } from '@sallyport/protocol';
import type { Machine, Process } from '../machine.ts';
import { tapProcess } from './tap-process.ts';

export type RecordedRequest = ShellRequest | ExecRequest;
export type NotedRequest = Exclude<ChannelRequest, RecordedRequest>;

/** Where recordings go. `ordinal` counts the channels of this machine from 1. */
export interface Recorder {
  /** Before the program starts; a refusal keeps it from starting. */
  begin(request: RecordedRequest, ordinal: number): Promise<Result<ChannelRecording, Refusal>>;
  /** A transfer or forward is about to start; its bytes are not recorded. */
  noted(request: NotedRequest, ordinal: number): void;
}

export interface ChannelRecording {
  /** Whether keystrokes are wanted: they hold passwords that no terminal echoes. */
  readonly wantsInput: boolean;
  output(chunk: Uint8Array, stream: 'stdout' | 'stderr'): void;
  input(chunk: Uint8Array): void;
  resize(size: WindowSize): void;
  /** Undefined while it keeps up; else resolves when it has room. Never rejects. */
  full(): Promise<void> | undefined;
  /** Resolves when nothing can be recorded any more. Never rejects. */
  readonly failed: Promise<Refusal>;
  /** `undefined`: the program never started, or its end was not seen. */
  seal(exit: ExitStatus | undefined): Promise<Result<unknown, Refusal>>;
}

export function recorded(machine: Machine, recorder: Recorder): Machine {
  let channels = 0;
  const next = () => {
    channels += 1;
    return channels;
  };
  const record = async <Request extends RecordedRequest>(
    request: Request,
    start: (request: Request) => Promise<Result<Process, Refusal>>,
  ): Promise<Result<Process, Refusal>> => {
    const begun = await begin(recorder, request, next());
    if (!begun.ok) return begun;
    const recording = begun.value;
    const started = await start(request);
    if (!started.ok) {
      sealed(machine, recording, undefined);
      return started;
    }
    void recording.failed.then((refusal) => machine.end(refusal));
    return ok(recordProcess(machine, started.value, recording));
  };
  return {
    ended: machine.ended,
    end: (reason) => machine.end(reason),
    shell: (request) => record(request, (admitted) => machine.shell(admitted)),
    exec: (request) => record(request, (admitted) => machine.exec(admitted)),
    sftp: (request) => {
      recorder.noted(request, next());
      return machine.sftp(request);
    },
    dial: (request) => {
      recorder.noted(request, next());
      return machine.dial(request);
    },
    listen: (request, onConnection) => {
      recorder.noted(request, next());
      return machine.listen(request, onConnection);
    },
  };
}

async function begin(
  recorder: Recorder,
  request: RecordedRequest,
  ordinal: number,
): Promise<Result<ChannelRecording, Refusal>> {
  try {
    return await recorder.begin(request, ordinal);
  } catch {
    return err(unavailable);
  }
}

function recordProcess(machine: Machine, process: Process, recording: ChannelRecording): Process {
  const tapped = tapProcess(process, {
    stdin: (chunk) => {
      if (!recording.wantsInput) return undefined;
      recording.input(chunk);
      return recording.full();
    },
    stdout: (chunk) => {
      recording.output(chunk, 'stdout');
      return recording.full();
    },
    stderr: (chunk) => {
      recording.output(chunk, 'stderr');
      return recording.full();
    },
    resized: (size) => recording.resize(size),
  });
  void tapped.exit.then((exit) => sealed(machine, recording, exit));
  return tapped;
}

function sealed(machine: Machine, recording: ChannelRecording, exit: ExitStatus | undefined): void {
  recording.seal(exit).then(
    (result) => (result.ok ? undefined : machine.end(result.error)),
    () => machine.end(unavailable),
  );
}

const unavailable: Refusal = {
  code: 'RECORDING_UNAVAILABLE',
  message: 'the session cannot be recorded',
  rule: 'recording.required',
  hint: 'tell the administrator: the disk of the gateway may be full',
};
