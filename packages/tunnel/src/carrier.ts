// What carries frames between two ends, in order and whole: one message is one frame. It knows nothing of streams.

export interface Carrier {
  /** Sends one frame; several buffers are its parts. `sent` is called once the bytes left this process, or never after a close. */
  send(frame: Buffer | readonly Buffer[], sent: () => void): void;
  /** Frames wait until this is called. The handler owns the buffer. */
  onFrame(handler: (frame: Buffer) => void): void;
  /** Called once, with why; at once if it is closed already. */
  onClose(handler: (reason: string) => void): void;
  /** Tells the other end why, as far as it still listens. Idempotent. */
  close(reason: string): void;
}
