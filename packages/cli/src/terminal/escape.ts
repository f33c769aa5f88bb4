// The escape sequences of an interactive session, as ssh has them: `~` at the beginning of a line, then `.`, `?` or `~`.
// Pure: bytes in, what to send and what to do out.

export type EscapeState = 'line-start' | 'in-line' | 'after-tilde';
type EscapeAction = 'hang-up' | 'help';
export type Escaped = { readonly state: EscapeState; readonly send: Buffer; readonly actions: readonly EscapeAction[] };

const [lineFeed, carriageReturn, dot, question, tilde] = [0x0a, 0x0d, 0x2e, 0x3f, 0x7e];

export const escapeStart: EscapeState = 'line-start';

/** Reads typed bytes; after `hang-up` the rest is dropped. */
export function readEscapes(start: EscapeState, typed: Buffer): Escaped {
  let state = start;
  const send: number[] = [];
  const actions: EscapeAction[] = [];
  for (const byte of typed) {
    if (state === 'line-start' && byte === tilde) {
      state = 'after-tilde';
      continue;
    }
    if (state === 'after-tilde') {
      if (byte === dot) return { state: 'line-start', send: Buffer.from(send), actions: [...actions, 'hang-up'] };
      if (byte === question) {
        actions.push('help');
        state = 'line-start';
        continue;
      }
      // `~~` sends one tilde; before anything else the tilde was only a tilde.
      send.push(tilde);
      if (byte === tilde) {
        state = 'in-line';
        continue;
      }
    }
    send.push(byte);
    state = byte === lineFeed || byte === carriageReturn ? 'line-start' : 'in-line';
  }
  return { state, send: Buffer.from(send), actions };
}
