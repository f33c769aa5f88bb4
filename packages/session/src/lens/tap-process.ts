// A process whose streams are seen as they pass. Its exit is still told after the last byte of its output.

import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ExitStatus } from '@sallyport/protocol';
import type { Process } from '../machine.ts';
import { type See, tapReadable, tapWritable } from './tap.ts';

export type ProcessSight = {
  readonly stdin: See;
  readonly stdout: See;
  readonly stderr: See;
  readonly resized?: Process['resize'];
};

export function tapProcess(process: Process, sight: ProcessSight): Process {
  const stdout = tapReadable(process.stdout, sight.stdout);
  const stderr = tapReadable(process.stderr, sight.stderr);
  return {
    stdin: tapWritable(process.stdin, sight.stdin),
    stdout,
    stderr,
    exit: exitAfter(process.exit, [stdout, stderr]),
    resize: (size) => {
      sight.resized?.(size);
      process.resize(size);
    },
    signal: (name) => process.signal(name),
    hangUp: () => process.hangUp(),
  };
}

async function exitAfter(exit: Promise<ExitStatus>, outputs: readonly Readable[]): Promise<ExitStatus> {
  const status = await exit;
  // Output that nobody reads holds nothing back: whoever reads later finds it in the stream.
  const read = outputs.filter((output) => output.readableFlowing === true && !output.destroyed);
  await Promise.all(read.map((output) => finished(output, { writable: false }).catch(() => {})));
  return status;
}
