// Encoded terminal modes (RFC 4254 §8) written into Linux's struct termios, as sshd's ttymodes.c does. Unknown names are left out.

/** struct termios of asm-generic: four 32-bit flag words, the line discipline, 19 control characters. */
export const termiosBytes = 36;
const controlCharacters = 17;
const words = { input: 0, output: 4, control: 8, local: 12 } as const;

/** The character value that switches a control character off (RFC 4254 §8); Linux's _POSIX_VDISABLE is 0. */
const disabled = 255;
const maxCharacter = 255;

const characters: Readonly<Record<string, number>> = {
  VINTR: 0,
  VQUIT: 1,
  VERASE: 2,
  VKILL: 3,
  VEOF: 4,
  VSWTCH: 7,
  VSTART: 8,
  VSTOP: 9,
  VSUSP: 10,
  VEOL: 11,
  VREPRINT: 12,
  VDISCARD: 13,
  VWERASE: 14,
  VLNEXT: 15,
  VEOL2: 16,
};

type Flag = readonly [word: number, mask: number];
const flags: Readonly<Record<string, Flag>> = {
  IGNPAR: [words.input, 0o4],
  PARMRK: [words.input, 0o10],
  INPCK: [words.input, 0o20],
  ISTRIP: [words.input, 0o40],
  INLCR: [words.input, 0o100],
  IGNCR: [words.input, 0o200],
  ICRNL: [words.input, 0o400],
  IUCLC: [words.input, 0o1000],
  IXON: [words.input, 0o2000],
  IXANY: [words.input, 0o4000],
  IXOFF: [words.input, 0o10000],
  IMAXBEL: [words.input, 0o20000],
  IUTF8: [words.input, 0o40000],
  ISIG: [words.local, 0o1],
  ICANON: [words.local, 0o2],
  XCASE: [words.local, 0o4],
  ECHO: [words.local, 0o10],
  ECHOE: [words.local, 0o20],
  ECHOK: [words.local, 0o40],
  ECHONL: [words.local, 0o100],
  NOFLSH: [words.local, 0o200],
  TOSTOP: [words.local, 0o400],
  ECHOCTL: [words.local, 0o1000],
  ECHOKE: [words.local, 0o4000],
  PENDIN: [words.local, 0o40000],
  IEXTEN: [words.local, 0o100000],
  OPOST: [words.output, 0o1],
  OLCUC: [words.output, 0o2],
  ONLCR: [words.output, 0o4],
  OCRNL: [words.output, 0o10],
  ONOCR: [words.output, 0o20],
  ONLRET: [words.output, 0o40],
  CS7: [words.control, 0o40],
  CS8: [words.control, 0o60],
  PARENB: [words.control, 0o400],
  PARODD: [words.control, 0o1000],
};

export function applyModes(termios: Buffer, modes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(modes)) {
    const character = Object.hasOwn(characters, name) ? characters[name] : undefined;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (character !== undefined) setCharacter(termios, character, value);
    else if (flag) setFlag(termios, flag, value !== 0);
  }
}

/** The end-of-file character that these modes give a terminal; Control-D unless they say otherwise. */
export function endOfFileOf(modes: Readonly<Record<string, number>>): number | undefined {
  const value = modes['VEOF'] ?? 4;
  return value > 0 && value < disabled ? value : undefined;
}

function setCharacter(termios: Buffer, index: number, value: number): void {
  if (value < 0 || value > maxCharacter) return;
  termios.writeUInt8(value === disabled ? 0 : value, controlCharacters + index);
}

function setFlag(termios: Buffer, [word, mask]: Flag, isOn: boolean): void {
  const before = termios.readUInt32LE(word);
  termios.writeUInt32LE((isOn ? before | mask : before & ~mask) >>> 0, word);
}
