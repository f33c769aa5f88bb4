// Programs that look for files or text. `find` also runs and removes; what is looked for may itself be telling.

import { normalisePath } from '../shell/path.ts';
import { known, mergedOrigins, unknown, type Value } from '../shell/value.ts';
import { type Call, lineOf, type Programs } from './program.ts';
import { replaceMark } from './wrapper.ts';

const filters = /^-i?(?:name|path|wholename|regex|lname)$/;
const actionsWithCommand = new Set(['-exec', '-execdir', '-ok', '-okdir']);
const actionsWithFile = new Set(['-fprint', '-fprint0', '-fprintf', '-fls']);

/** What a search finds, as a pattern: `find /etc -name '*.conf'` is `/etc/**\/*.conf`. */
function foundPattern(root: string, words: readonly Value[]): string {
  const at = words.findIndex(({ text }) => filters.test(text));
  const filter = words[at]?.text;
  const pattern = words[at + 1]?.text;
  if (filter === undefined || pattern === undefined) return words.length === 0 ? root : `${root}/**`;
  if (/name$/.test(filter) && !filter.includes('whole')) return `${root}/**/${pattern}`;
  return pattern.startsWith('/') ? pattern.replaceAll('*', '**') : `${root}/**`;
}

function find(call: Call): Value {
  const start = call.words.findIndex(({ text }) => /^[-(!]/.test(text) && !/^-[HLPOD]/.test(text));
  const roots = call.words.slice(0, start < 0 ? undefined : start).filter(({ text }) => !text.startsWith('-'));
  const tests = start < 0 ? [] : call.words.slice(start);
  const searched = roots.length === 0 ? [known('.')] : call.bounded(roots);
  const isNarrowed = tests.some(({ text }) =>
    /^-(?:i?(?:name|path|regex|wholename|lname)|[acm](?:time|min)|newer\w*|size|user|group|uid|gid|perm|empty|inum|nouser|nogroup|links)$/.test(
      text,
    ),
  );
  const results = searched.map((root) => {
    const path = normalisePath(root.text, call.scope.cwd);
    return {
      ...root,
      text: foundPattern(path === '/' ? '' : path, tests),
      isPattern: true,
      isKnown: false,
      origins: ['listing' as const],
    };
  });
  for (const [index, root] of searched.entries()) {
    call.emit('list', root);
    const result = results[index];
    if (result !== undefined) act(call, tests, isNarrowed ? result : { ...root, isKnown: root.isKnown }, isNarrowed);
  }
  lookedFor(call, tests);
  const [first] = results;
  return first ?? unknown('', 'listing');
}

function act(call: Call, tests: readonly Value[], found: Value, isNarrowed: boolean): undefined {
  for (const [at, { text }] of tests.entries()) {
    if (text === '-delete') call.emit('delete', found, isNarrowed ? 'found' : 'recursive');
    const file = tests[at + 1];
    if (actionsWithFile.has(text) && file !== undefined) call.emit('write', file);
    if (!actionsWithCommand.has(text)) continue;
    const end = tests.findIndex((word, index) => index > at && /^[;+]$/.test(word.text));
    const words = tests.slice(at + 1, end < 0 ? undefined : end);
    call.run(replaceMark(words, '{}', found), { stdin: unknown('', 'input') });
  }
}

function lookedFor(call: Call, tests: readonly Value[]): undefined {
  for (const [at, { text }] of tests.entries()) {
    const wanted = tests[at + 1]?.text ?? '';
    if (text === '-perm' && /[-/+]?[0-7]?[4267][0-7]{3}$|[ug][+=]\w*s/.test(wanted) && !/^0?[0-7]{3}$/.test(wanted)) {
      call.emit('find', 'set-id programs');
    }
    if (filters.test(text)) call.emit('find', `file ${wanted}`);
  }
}

const grepValues =
  'e f A B C m d D include exclude exclude-dir regexp file max-count context after-context before-context color colour';

function grep(call: Call): Value {
  const isGiven = call.has('e', 'f', 'regexp', 'file');
  const patterns = isGiven ? call.valuesOf('e', 'regexp') : call.operands.slice(0, 1);
  const files = isGiven ? call.operands : call.operands.slice(1);
  const isRecursive =
    call.has('r', 'R', 'recursive', 'dereference-recursive') ||
    call.name === 'rg' ||
    call.name === 'ag' ||
    call.name === 'ack';
  for (const file of files) if (file.stream === undefined) call.emit(isRecursive ? 'list' : 'read', file);
  for (const { text } of patterns)
    call.emit('find', `text ${text.slice(0, 128)}`, isRecursive ? 'recursive' : undefined);
  const origins = mergedOrigins([call.stdin, ...files.map((file) => call.contents(file))]);
  return unknown('', ...origins, 'computed');
}

export const searchPrograms: Programs = {
  find: { effects: find },
  gfind: { effects: find },
  fd: { values: 'x X e t d E', operands: 'ignore' },
  fdfind: { values: 'x X e t d E', operands: 'ignore' },
  grep: { values: grepValues, effects: grep },
  egrep: { values: grepValues, effects: grep },
  fgrep: { values: grepValues, effects: grep },
  zgrep: { values: grepValues, effects: grep },
  rg: { values: `${grepValues} g t T`, effects: grep },
  ag: { values: `${grepValues} G`, effects: grep },
  ack: { values: grepValues, effects: grep },
  locate: {
    values: 'd l n limit',
    effects: (call) => {
      for (const { text } of call.operands) call.emit('find', `file ${text}`);
    },
  },
  mlocate: {
    effects: (call) => {
      for (const { text } of call.operands) call.emit('find', `file ${text}`);
    },
  },
  getcap: { does: [['find', 'file capabilities']] },
  apropos: {},
  whereis: { effects: (call) => void call.emit('find', `file ${lineOf(call.operands)}`) },
};
