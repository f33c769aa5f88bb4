// Terminals: who owns them, what they are set to, and that nothing said on them is lost.

import { strict as assert } from 'node:assert';
import { buffer } from 'node:stream/consumers';
import { expectOk } from '@sallyport/core';
import { uids } from './bed.ts';
import { eventually, isAlive, linesOf, type Scenarios, terminal } from './scenario.ts';

export const terminalScenarios: Scenarios = {
  terminal: async (ground) => {
    const command =
      'stat -c "%u %G %a" $(tty); ps -o sid= -p $$ | tr -d " "; echo $$; echo $TERM $SSH_TTY; tty; echo x >/dev/tty; ls /proc/self/fd';
    const { stdout, exit } = await ground.run(await ground.machine(), command, { terminal: terminal() });
    const lines = stdout.split('\r\n');
    assert.equal(lines[0], `${uids.dana} tty 620`);
    assert.equal(lines[1], lines[2], 'the process leads its session');
    assert.equal(lines[3], `xterm ${lines[4]}`);
    assert.equal(lines[5], 'x', '/dev/tty is the controlling terminal');
    assert.match(stdout, /0 {2}1 {2}2 {2}3\r\n|0\r\n1\r\n2\r\n3\r\n/, 'no other descriptor came along');
    assert.deepEqual(exit, { how: 'exited', status: 0 });
  },

  resize: async (ground) => {
    const script = `trap 'echo winch $(stty size)' WINCH; echo size $(stty size); while :; do sleep 0.02; done`;
    const process = await ground.start(await ground.machine(), script, { terminal: terminal() });
    const lines = linesOf(process.stdout);
    await lines.until(/size 31 97/);
    process.resize({ columns: 200, rows: 50, widthPx: 2000, heightPx: 1000 });
    await lines.until(/winch 50 200/);
    process.hangUp();
  },

  pixels: async (ground) => {
    // TIOCGWINSZ: rows, columns, width and height, 16 bits each.
    const script = `perl -e 'ioctl(STDIN, 0x5413, my $size = "\\0" x 8); print join(" ", unpack("S4", $size)), "\\n"'`;
    const { stdout } = await ground.run(await ground.machine(), script, { terminal: terminal() });
    assert.equal(stdout, '31 97 970 620\r\n');
  },

  interrupt: async (ground) => {
    const shell = expectOk(
      await (await ground.machine()).shell({ kind: 'shell', environment: {}, terminal: terminal({ ECHO: 0 }) }),
    );
    const lines = linesOf(shell.stdout);
    shell.stdin.write('PS1=; sh -c "echo be\\gun; exec sleep 600"\n');
    await lines.until(/begun/);
    shell.stdin.write('\x03');
    shell.stdin.write('echo status $?; sleep 600 & jobs; kill %1; wait; fg; echo do""ne; exit 9\n');
    await lines.until(/status 130/);
    await lines.until(/\[1\]\+ +Running/);
    await lines.until(/no such job|current/);
    await lines.until(/done/);
    assert.deepEqual(await shell.exit, { how: 'exited', status: 9 });
  },

  modes: async (ground) => {
    const asked = { VINTR: 7, VERASE: 8, VQUIT: 255, ECHO: 0, IXON: 0, ONLCR: 0, IUTF8: 1, VDSUSP: 1, constructor: 1 };
    const { stdout } = await ground.run(await ground.machine(), 'stty -a', { terminal: terminal(asked) });
    for (const set of [
      'intr = ^G',
      'erase = ^H',
      'quit = <undef>',
      ' -echo ',
      ' -ixon ',
      ' -onlcr ',
      'icanon',
      ' -ixany',
    ]) {
      assert(stdout.includes(set), `${set}: ${stdout}`);
    }
    assert.match(stdout, /[^-]iutf8/);
    assert.doesNotMatch(stdout, /\r/);
  },

  tail: async (ground) => {
    const machine = await ground.machine();
    for (let count = 0; count < 40; count += 1) {
      const { stdout, exit } = await ground.run(machine, 'head -c 20000 /dev/zero | tr "\\0" x; printf END; exit 3', {
        terminal: terminal(),
      });
      assert.equal(stdout.length, 20_003);
      assert(stdout.endsWith('END'));
      assert.deepEqual(exit, { how: 'exited', status: 3 });
    }
  },

  binary: async (ground) => {
    const command = `stty raw -echo; printf ready; exec head -c 256`;
    const process = await ground.start(await ground.machine(), command, { terminal: terminal() });
    const output = buffer(process.stdout);
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await new Promise((resolve) => process.stdout.once('data', resolve));
    process.stdin.write(all);
    assert.deepEqual(await output, Buffer.concat([Buffer.from('ready'), all]));
  },

  fullTerminal: async (ground) => {
    // Nobody reads the terminal: the agent must go on, and the input arrive when somebody does.
    const command = 'stty raw -echo; echo ready; read -r go </dev/null; sleep 0.3; head -c 1000000 | sha256sum';
    const process = await ground.start(await ground.machine(), command, { terminal: terminal() });
    const lines = linesOf(process.stdout);
    await lines.until(/ready/);
    process.stdin.write(Buffer.alloc(1_000_000, 'x'));
    const startedAt = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    assert(performance.now() - startedAt < 100, 'the agent stood still');
    await lines.until(/c3a7f1a3cb1e0d5bd2a9f3a0|[0-9a-f]{64}/);
    assert.deepEqual(await process.exit, { how: 'exited', status: 0 });
  },

  endOfFile: async (ground) => {
    const machine = await ground.machine();
    for (const input of ['', 'line\n', 'no end of line']) {
      const process = await ground.start(machine, 'cat; echo ended', { terminal: terminal({ ECHO: 0 }) });
      process.stdin.end(input);
      assert.match((await buffer(process.stdout)).toString(), /ended\r\n$/);
    }
  },

  heldBack: async (ground) => {
    const process = await ground.start(
      await ground.machine(),
      'head -c 3000000 /dev/zero | tr "\\0" y; echo over >&2',
      { terminal: terminal() },
    );
    await new Promise((resolve) => process.stdout.once('readable', resolve));
    const all = await buffer(process.stdout);
    assert.equal(all.byteLength, 3_000_000 + 'over\r\n'.length);
  },

  hangUp: async (ground) => {
    const command = `trap 'echo hup >"$HOME/told"; exit 1' HUP; sleep 600 & echo "pid $!"; wait`;
    const process = await ground.start(await ground.machine(), command, { terminal: terminal() });
    const pid = Number(await linesOf(process.stdout).until(/pid (\d+)/));
    process.hangUp();
    assert.deepEqual(await process.exit, { how: 'exited', status: 1 });
    await eventually(() => !isAlive(pid));
    const told = await ground.run(await ground.machine(), 'cat "$HOME/told"');
    assert.equal(told.stdout, 'hup\n');
  },
};
