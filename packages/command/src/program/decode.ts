// Undoes the encodings that are used to hide a command. Each answers undefined for text that is not in the encoding.

export function fromBase64(text: string): string | undefined {
  const clean = text.replace(/\s+/g, '');
  if (clean === '' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(clean)) return undefined;
  return Buffer.from(clean, 'base64').toString('utf8');
}

export function fromBase32(text: string): string | undefined {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const clean = text.replace(/[\s=]+/g, '').toUpperCase();
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of clean) {
    const value = alphabet.indexOf(char);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** `7265 6d…`, with or without the offsets and the text column of `xxd`. */
export function fromHex(text: string): string | undefined {
  const clean = text.replace(/^[0-9a-f]+:|\s{2,}.*$|\\x|0x|\s+/gim, '');
  return /^(?:[0-9a-f]{2})+$/i.test(clean) ? Buffer.from(clean, 'hex').toString('utf8') : undefined;
}

const named: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The escapes of `echo -e` and `printf`. */
export function escapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|0?([0-7]{1,3})|([abefnrtv\\'"]))/g,
    (whole, hex?: string, unicode?: string, octal?: string, letter?: string) => {
      const code = hex ?? unicode;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return letter === undefined ? whole : (named[letter] ?? letter);
    },
  );
}

function characters(set: string): readonly string[] {
  const spelled = set
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:alpha:]', 'A-Za-z')
    .replaceAll('[:space:]', ' \t\n\r')
    .slice(0, 256);
  const found: string[] = [];
  for (let at = 0; at < spelled.length; at += 1) {
    const end = spelled.charCodeAt(at + 2);
    if (spelled[at + 1] !== '-' || Number.isNaN(end) || end > 0xff) {
      found.push(spelled.charAt(at));
      continue;
    }
    for (let code = spelled.charCodeAt(at); code <= end; code += 1) found.push(String.fromCharCode(code));
    at += 2;
  }
  return found;
}

/** `tr from to`; without `to` the characters are dropped. */
export function translate(text: string, from: string, to: string | undefined): string {
  const source = characters(from);
  const target = to === undefined ? undefined : characters(to);
  const table = new Map(
    source.map((char, at) => [char, target === undefined ? '' : (target[at] ?? target.at(-1) ?? '')]),
  );
  return [...text].map((char) => table.get(char) ?? char).join('');
}
