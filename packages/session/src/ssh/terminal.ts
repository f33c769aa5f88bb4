// The terminal a client asks for (RFC 4254 §6.2, §8), as the Machine takes it.

import { type TerminalRequest, terminalRequest, type WindowSize } from '@sallyport/protocol';
import { WireReader } from './wire.ts';

// RFC 4254 §8 and RFC 8160; input and output speed have names of their own here because they are not flags.
const modeNames = new Map<number, string>(
  Object.entries({
    VINTR: 1,
    VQUIT: 2,
    VERASE: 3,
    VKILL: 4,
    VEOF: 5,
    VEOL: 6,
    VEOL2: 7,
    VSTART: 8,
    VSTOP: 9,
    VSUSP: 10,
    VDSUSP: 11,
    VREPRINT: 12,
    VWERASE: 13,
    VLNEXT: 14,
    VFLUSH: 15,
    VSWTCH: 16,
    VSTATUS: 17,
    VDISCARD: 18,
    IGNPAR: 30,
    PARMRK: 31,
    INPCK: 32,
    ISTRIP: 33,
    INLCR: 34,
    IGNCR: 35,
    ICRNL: 36,
    IUCLC: 37,
    IXON: 38,
    IXANY: 39,
    IXOFF: 40,
    IMAXBEL: 41,
    IUTF8: 42,
    ISIG: 50,
    ICANON: 51,
    XCASE: 52,
    ECHO: 53,
    ECHOE: 54,
    ECHOK: 55,
    ECHONL: 56,
    NOFLSH: 57,
    TOSTOP: 58,
    IEXTEN: 59,
    ECHOCTL: 60,
    ECHOKE: 61,
    PENDIN: 62,
    OPOST: 70,
    OLCUC: 71,
    ONLCR: 72,
    OCRNL: 73,
    ONOCR: 74,
    ONLRET: 75,
    CS7: 90,
    CS8: 91,
    PARENB: 92,
    PARODD: 93,
    ISPEED: 128,
    OSPEED: 129,
  }).map(([name, opcode]) => [opcode, name]),
);

// What terminals assume when nobody knows (a client without a terminal of its own sends 0).
const usualSize = { columns: 80, rows: 24 };
const largest = 65_535;

export function readWindowSize(reader: WireReader): WindowSize {
  const columns = Math.min(reader.uint32(), largest) || usualSize.columns;
  const rows = Math.min(reader.uint32(), largest) || usualSize.rows;
  const widthPx = Math.min(reader.uint32(), largest);
  const heightPx = Math.min(reader.uint32(), largest);
  return { columns, rows, widthPx, heightPx };
}

/** The payload of a `pty-req`, or undefined when it is not one. */
export function readTerminal(reader: WireReader): TerminalRequest | undefined {
  const term = reader.text();
  const size = readWindowSize(reader);
  const modes = readModes(reader.bytes());
  if (reader.isMalformed) return undefined;
  // sshd sets no TERM then; `dumb` is what programs take that for.
  const request = terminalRequest.safeParse({ term: term === '' ? 'dumb' : term, size, modes });
  return request.success ? request.data : undefined;
}

// RFC 4254 §8: opcodes 1 to 159 have a uint32; 160 and up are not defined and end the reading.
function readModes(bytes: Buffer): Record<string, number> {
  const reader = new WireReader(bytes);
  const modes: Record<string, number> = {};
  while (!reader.isEnd) {
    const opcode = reader.byte();
    if (opcode === 0 || opcode >= 160) break;
    const value = reader.uint32();
    if (reader.isMalformed) break;
    const name = modeNames.get(opcode);
    if (name !== undefined) modes[name] = value;
  }
  return modes;
}
