// What a shell text would do, from the text alone: every command in every branch, with its effects. It starts nothing, reads no
// file and asks no clock; what it spends is counted, and what it cannot know it says.

import type { Statement } from 'unbash';
import type { CommandContext } from './context.ts';
import type { Analysis } from './effect.ts';
import { limits } from './limits.ts';
import { entryOf, namesLike } from './program/table.ts';
import { recorder } from './recorder.ts';
import { startWords } from './shell/command.ts';
import { childOf, type Scope, topScope } from './shell/scope.ts';
import type { Shell } from './shell/shell.ts';
import { empty, known, mapKnown, unknown, unseenInput, type Value } from './shell/value.ts';
import { walkNode, walkStatements, walkText } from './shell/walk.ts';

export function analyse(text: string, context: CommandContext): Analysis {
  const records = recorder();
  if (text.length > limits.textLength) {
    records.giveUp(`longer than ${limits.textLength} characters`);
    return records.finish();
  }
  const shell = shellOver(records);
  walkText(known(text), topScope(context), unseenInput, shell);
  return records.finish();
}

function shellOver(records: ReturnType<typeof recorder>): Shell {
  const choice = { at: 0, most: 1 };
  const withChoices = (action: () => Value): Value => {
    const before = { ...choice };
    choice.at = 0;
    choice.most = 1;
    const printed = action();
    for (let at = 1; at < choice.most && at < limits.candidates; at += 1) {
      choice.at = at;
      action();
    }
    const isCertain = choice.most === 1;
    choice.at = before.at;
    choice.most = before.most;
    return isCertain ? printed : unknown('', ...printed.origins, 'computed');
  };
  const shell: Shell = {
    recorder: records,
    entryOf,
    namesLike,
    withChoices,
    choose: (values) => {
      choice.most = Math.max(choice.most, values.length);
      return values[Math.min(choice.at, values.length - 1)] ?? empty;
    },
    spendWord: (length) => records.spendWord(length),
    script: (text, scope, stdin) => walkText(text, scope, stdin, shell),
    command: (words, scope, stdin) => startWords(words, scope, stdin, shell),
    statements: (list: readonly Statement[], scope: Scope, stdin: Value) => walkStatements(list, scope, stdin, shell),
    functionCall: (body, scope, stdin) =>
      body.type === 'CompoundList'
        ? walkStatements(body.commands, scope, stdin, shell)
        : walkNode(body, scope, stdin, shell),
    output: (script, text, scope) => {
      if (script === undefined) return unknown(text, 'computed');
      const printed = walkStatements(script.commands, childOf(scope), unseenInput, shell);
      const trimmed = mapKnown(printed, (all) => all.replace(/\n+$/, ''));
      return trimmed.isKnown || trimmed.text !== '' ? trimmed : { ...trimmed, text };
    },
    process: (script, text, direction, scope) => {
      if (script === undefined) return unknown(text, 'computed');
      const input = direction === '<' ? unseenInput : unknown('', 'computed');
      const printed = walkStatements(script.commands, childOf(scope), input, shell);
      return { ...known('/dev/fd/63'), stream: direction === '<' ? printed : unknown('', 'computed') };
    },
  };
  return shell;
}
