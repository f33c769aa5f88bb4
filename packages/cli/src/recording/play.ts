// Plays a recording in this terminal. What the recorded terminal asked, this one may answer: its answers are read and dropped, or they
// would be typed into the person's shell afterwards.

import { ok } from '@sallyport/core';
import { play } from '@sallyport/recording';
import type { Context, Outcome } from '../command/context.ts';
import { exitStatuses, signalStatus } from '../exit-status.ts';
import { enterRawMode } from '../terminal/local-terminal.ts';
import { type VerifiedRecording, type Wanted, withRecording } from './fetch.ts';

type PlayWanted = Wanted & { readonly speed: number; readonly idleLimitMs: number | undefined };

// Colours off, cursor on, main screen, no mouse reports, no bracketed paste, cursor keys as usual.
const usualTerminal = '\x1b[0m\x1b[?25h\x1b[?1049l\x1b[?1000;1002;1003;1006l\x1b[?2004l\x1b[?1l';
const [interrupt, quit] = [0x03, 0x71]; // Ctrl-C, q

export function playRecording(context: Context, wanted: PlayWanted): Promise<Outcome> {
  const { display, text, world } = context;
  return withRecording(context, wanted, async (recording, { outcome }) => {
    if (outcome.state === 'truncated') display.note(text.say.recording.unsealed);
    const stopping = new AbortController();
    const undo = [
      world.onSignal('SIGINT', () => stopping.abort()),
      world.onSignal('SIGTERM', () => stopping.abort()),
      dropTyping(context, stopping),
    ];
    try {
      await show(context, recording, wanted, stopping.signal);
    } finally {
      for (const step of undo) step();
      if (world.stdout.isTTY === true) world.stdout.write(`${usualTerminal}\r\n`);
    }
    return ok(stopping.signal.aborted ? signalStatus('INT') : exitStatuses.ok);
  });
}

async function show(
  { world }: Context,
  recording: VerifiedRecording,
  { speed, idleLimitMs }: PlayWanted,
  signal: AbortSignal,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const frames = play(recording, {
    clock: world.clock,
    speed,
    signal,
    ...(idleLimitMs === undefined ? {} : { idleLimitMs }),
  });
  const playing = (async () => {
    for await (const frame of frames) {
      if (signal.aborted) return;
      if (frame.kind !== 'output' && frame.kind !== 'error') continue;
      if (!world.stdout.write(frame.bytes)) await new Promise((resolve) => world.stdout.once('drain', resolve));
    }
  })();
  await Promise.race([playing, stopped]);
}

function dropTyping({ world }: Context, stopping: AbortController): () => void {
  const { stdin } = world;
  if (stdin.isTTY !== true) return () => undefined;
  const restore = enterRawMode(world);
  const onData = (typed: Buffer): void => {
    if (typed.includes(interrupt) || (typed.byteLength === 1 && typed[0] === quit)) stopping.abort();
  };
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData).pause();
    restore();
  };
}
