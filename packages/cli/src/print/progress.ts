// A spinner on stderr while something takes longer than a moment. Only on a terminal; it leaves no trace.

import type { Clock, Timer } from '@sallyport/core';
import type { Output } from '../world.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const quietMs = 300; // Shorter work shows nothing: a flash would only distract.
const frameMs = 80;

/** The outcome of the work, whatever it is; the spinner shows the label meanwhile. */
export async function withProgress<T>(clock: Clock, output: Output, label: string, work: Promise<T>): Promise<T> {
  if (output.isTTY !== true) return await work;
  let timer: Timer;
  let frame = -1;
  const show = (): void => {
    frame += 1;
    output.write(`\r\x1b[2K${frames[frame % frames.length] ?? ''} ${label}`);
    timer = clock.after(frameMs, show);
  };
  timer = clock.after(quietMs, show);
  try {
    return await work;
  } finally {
    timer.cancel();
    if (frame >= 0) output.write('\r\x1b[2K');
  }
}
