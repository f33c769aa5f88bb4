// Programs whose output can be told from the text alone: printing, decoding, and turning names into names. They matter because
// their output becomes words, code or data of other commands.

import { limits } from '../limits.ts';
import { baseName, folderOf, normalisePath } from '../shell/path.ts';
import { empty, join, known, mapKnown, mergedOrigins, unknown, type Value, withOrigin } from '../shell/value.ts';
import { escapes, fromBase32, fromBase64, fromHex, translate } from './decode.ts';
import { type Call, lineOf, type Programs } from './program.ts';

function echo(call: Call): Value {
  const options = /^-[neE]+$/;
  const skipped = call.words.findIndex((word) => !options.test(word.text));
  const words = skipped < 0 ? [] : call.words.slice(skipped);
  const given = call.words.slice(0, skipped < 0 ? call.words.length : skipped).map(({ text }) => text);
  const line = join(
    words.map((word) => ({ ...word, isPattern: false })),
    ' ',
  );
  const isEscaped = given.some((option) => option.includes('e')) || call.name === 'echo -e';
  const text = isEscaped ? mapKnown(line, escapes) : line;
  return mapKnown(text, (known) => (given.some((option) => option.includes('n')) ? known : `${known}\n`));
}

function printf(call: Call): Value {
  const [format, ...values] = call.operands;
  const target = call.value('v');
  if (format === undefined) return empty;
  const pending = [...values];
  const all = [format, ...values];
  if (!all.every(({ isKnown }) => isKnown)) return unknown(lineOf(all), ...mergedOrigins(all), 'computed');
  const pieces: string[] = [];
  let rounds = 0;
  do {
    pieces.push(
      escapes(format.text).replace(/%[-+ #0]*\d*(?:\.\d+)?([a-zA-Z%])/g, (_, kind: string) => {
        if (kind === '%') return '%';
        const next = pending.shift()?.text ?? '';
        if (kind === 'b') return escapes(next);
        return kind === 'c' ? next.slice(0, 1) : next;
      }),
    );
    rounds += 1;
  } while (pending.length > 0 && format.text.includes('%') && rounds < limits.braceWords);
  const printed = join(pieces.map(known));
  if (target === undefined) return printed;
  call.scope.variables.set(target.text, [printed]);
  return empty;
}

/** What it reads: the file named, or what is piped in. */
export function inputOf(call: Call): Value {
  const files = call.operands.filter(({ text }) => text !== '-');
  for (const file of files) if (file.stream === undefined) call.emit('read', file);
  if (files.length === 0) return call.stdin;
  const contents = files.map((file) => call.contents(file));
  return join(contents);
}

export function decoded(call: Call, how: string, decode: (text: string) => string | undefined): Value {
  call.emit('decode', call.name, how);
  const input = inputOf(call);
  const text = input.isKnown && call.spend(input.text.length) ? decode(input.text) : undefined;
  if (text === undefined) return unknown('', ...input.origins, 'decoded');
  return withOrigin(known(text), 'decoded');
}

function base(call: Call, how: string, decode: (text: string) => string | undefined): Value {
  if (call.has('d', 'D', 'decode', 'r')) return decoded(call, how, decode);
  const input = inputOf(call);
  call.emit('encode', call.name, how);
  return unknown('', ...input.origins, 'computed');
}

function xxd(call: Call): Value {
  if (call.has('r', 'revert')) return decoded(call, 'hex', fromHex);
  const input = inputOf(call);
  if (call.has('p', 'ps', 'plain')) call.emit('encode', 'xxd', 'hex');
  return unknown('', ...input.origins, 'computed');
}

function transformed(call: Call, change: (text: string) => string): Value {
  const input = inputOf(call);
  return input.isKnown && call.spend(input.text.length)
    ? mapKnown(input, change)
    : unknown('', ...input.origins, 'computed');
}

function tr(call: Call): Value {
  const [from, to] = call.operands;
  const { stdin } = call;
  if (!stdin.isKnown || !call.spend(stdin.text.length) || from?.isKnown !== true || call.has('c', 'C', 's'))
    return unknown('', ...stdin.origins, 'computed');
  const text = translate(stdin.text, escapes(from.text), call.has('d') ? undefined : escapes(to?.text ?? ''));
  return { ...known(text), origins: stdin.origins };
}

function cat(call: Call): Value {
  const input = inputOf(call);
  const isPlain = !call.has('n', 'b', 'A', 'v', 'e', 't', 'E', 'T');
  return isPlain ? input : unknown('', ...input.origins, 'computed');
}

const located = (call: Call): Value => {
  const [name] = call.operands;
  return name === undefined ? empty : name;
};

const perWord = (change: (text: string, call: Call) => string) => (call: Call) => {
  const [value] = call.operands;
  return value === undefined ? empty : mapKnown(value, (text) => change(text, call));
};

export const printers: Programs = {
  echo: { stopsAtOperand: true, effects: echo },
  printf: { values: 'v', stopsAtOperand: true, effects: printf },
  cat: { effects: cat },
  base64: { values: 'w', effects: (call) => base(call, 'base64', fromBase64) },
  base32: { values: 'w', effects: (call) => base(call, 'base32', fromBase32) },
  basenc: { values: 'w', effects: (call) => base(call, 'base64', call.has('base16') ? fromHex : fromBase64) },
  b64decode: { values: 'o', on: { o: 'write' }, effects: (call) => decoded(call, 'base64', fromBase64) },
  b64encode: { does: [['encode', 'b64encode', 'base64']], first: 'read' },
  uudecode: { values: 'o', on: { o: 'write' }, effects: (call) => decoded(call, 'uuencode', () => undefined) },
  uuencode: { does: [['encode', 'uuencode']], first: 'read', prints: 'computed' },
  xxd: { values: 'l s c g', effects: xxd },
  rev: {
    effects: (call) => transformed(call, (text) => text.replace(/[^\n]+/g, (line) => [...line].reverse().join(''))),
  },
  tac: { effects: (call) => transformed(call, (text) => `${text.trimEnd().split('\n').reverse().join('\n')}\n`) },
  tr: { effects: tr },
  rot13: { effects: (call) => decoded(call, 'rot13', (text) => translate(text, 'a-zA-Z', 'n-za-mN-ZA-M')) },
  which: { effects: located },
  type: { values: 'p P', effects: (call) => call.value('p', 'P') ?? located(call) },
  basename: { values: 's', effects: perWord(baseName) },
  dirname: { effects: perWord(folderOf) },
  readlink: { effects: perWord((text, { scope }) => normalisePath(text, scope.cwd)) },
  realpath: { effects: perWord((text, { scope }) => normalisePath(text, scope.cwd)) },
  pwd: { effects: (call) => known(`${call.scope.cwd}\n`) },
  whoami: { does: [['survey', 'accounts']], effects: (call) => known(`${call.scope.login}\n`) },
  logname: { effects: (call) => known(`${call.scope.login}\n`) },
  mktemp: {
    values: 'p suffix tmpdir',
    effects: (call) =>
      known(`${call.value('p', 'tmpdir')?.text ?? '/tmp'}/${call.operands[0]?.text ?? 'tmp.XXXXXXXXXX'}\n`),
  },
  yes: { effects: (call) => mapKnown(join(call.operands, ' '), (text) => `${text === '' ? 'y' : text}\n`) },
  head: { values: 'n c lines bytes', effects: (call) => passing(call) },
  tail: { values: 'n c lines bytes pid s', effects: (call) => passing(call) },
  sort: { values: 'k t o S T parallel', on: { o: 'write' }, effects: (call) => shellOut(call, passing(call)) },
  uniq: { values: 'f s w', effects: (call) => passing(call) },
  rtrim: { effects: (call) => passing(call) },
};

/** Keeps a known input that has one line; of more lines it is not known which remain. */
function passing(call: Call): Value {
  const input = inputOf(call);
  return input.isKnown && /^[^\n]*\n?$/.test(input.text) ? input : unknown('', ...input.origins, 'computed');
}

function shellOut(call: Call, printed: Value): Value {
  const compressor = call.value('compress-program');
  if (compressor !== undefined) call.run([compressor]);
  return printed;
}
