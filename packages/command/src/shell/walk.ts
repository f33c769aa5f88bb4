// Goes through a parsed shell text in the order the shell would, in every branch, and hands each command on. It keeps what the
// text sets (variables, functions, folder) and what one command gives to the next. Nothing is ever run.

import {
  type AndOr,
  type Case,
  type CommandNode,
  type Pipeline,
  type PipelineNode,
  parse,
  type Statement,
} from 'unbash';
import { limits } from '../limits.ts';
import { runCommand } from './command.ts';
import { expandText, expandWord } from './expand.ts';
import { applyRedirections } from './redirection.ts';
import { assign, childOf, type FunctionBody, type Scope } from './scope.ts';
import type { Shell } from './shell.ts';
import { syntaxDepth } from './syntax-depth.ts';
import { join, known, mergedOrigins, unknown, unseenInput, type Value } from './value.ts';

/** The text as a script in this scope; answers what it prints. */
export function walkText(text: Value, scope: Scope, stdin: Value, shell: Shell): Value {
  if (syntaxDepth(text.text) > limits.brackets) {
    shell.recorder.giveUp('too deeply nested');
    return unknown('', 'computed');
  }
  const script = parse(text.text);
  if ((script.errors?.length ?? 0) > 0) shell.recorder.misread();
  const printed = walkStatements(script.commands, scope, stdin, shell);
  return text.origins.length === 0 ? printed : { ...printed, origins: mergedOrigins([printed, text]) };
}

export function walkStatements(list: readonly Statement[], scope: Scope, stdin: Value, shell: Shell): Value {
  if (scope.depth > limits.depth) {
    shell.recorder.giveUp('too many shells inside shells');
    return unknown('', 'computed');
  }
  const printed: Value[] = [];
  for (const { command, background } of list) {
    if (!shell.recorder.spendCommand()) break;
    const inner = background === true ? { ...scope, calls: [...scope.calls, '&'] } : scope;
    printed.push(walkNode(command, inner, stdin, shell));
  }
  const all = join(printed);
  return all.text.length > limits.outputLength ? unknown('', ...all.origins, 'computed') : all;
}

export function walkNode(node: PipelineNode | AndOr, scope: Scope, stdin: Value, shell: Shell): Value {
  if (node.type === 'Pipeline') return walkPipeline(node, scope, stdin, shell);
  if (node.type === 'AndOr') return walkAndOr(node, scope, stdin, shell);
  return walkCommand(node, scope, stdin, shell);
}

/** What `a || b` prints is taken to be what `a` prints, if `a` prints anything known. */
function walkAndOr(node: AndOr, scope: Scope, stdin: Value, shell: Shell): Value {
  const printed = node.commands.map((command, index) => {
    const operator = node.operators[index - 1];
    if (index === 0) return { operator, value: walkNode(command, scope, stdin, shell) };
    return { operator, value: maybe(scope, () => walkNode(command, scope, stdin, shell)) };
  });
  const kept: Value[] = [];
  for (const { operator, value } of printed) {
    const before = kept.at(-1);
    if (operator === '||' && before?.isKnown === true && before.text !== '') continue;
    if (operator === '||') kept.pop();
    kept.push(value);
  }
  return join(kept);
}

function maybe<T>(scope: Scope, action: () => T): T {
  scope.maybe += 1;
  const answer = action();
  scope.maybe -= 1;
  return answer;
}

function walkPipeline(node: Pipeline, scope: Scope, stdin: Value, shell: Shell): Value {
  let flowing = stdin;
  const isPiped = node.commands.length > 1;
  for (const command of node.commands) {
    // Each member of a pipeline is a subshell, except that the last may be the shell itself (lastpipe, zsh).
    const inner = isPiped ? { ...childOf(scope), calls: [...scope.calls, '|'] } : scope;
    flowing = walkCommand(command, inner, flowing, shell);
  }
  return flowing;
}

function walkCommand(node: CommandNode, scope: Scope, stdin: Value, shell: Shell): Value {
  switch (node.type) {
    case 'Command':
      return shell.withChoices(() => runCommand(node, scope, stdin, shell));
    case 'Redirected': {
      const flow = applyRedirections(node.redirects, scope, stdin, shell);
      return flow.give(walkCommand(node.command, scope, flow.stdin, shell));
    }
    case 'Subshell':
      return walkStatements(node.body.commands, childOf(scope), stdin, shell);
    case 'BraceGroup':
      return walkStatements(node.body.commands, scope, stdin, shell);
    case 'Function':
      return defineFunction(node.name.value, node.body, scope, shell);
    case 'Coproc':
      return node.body.type === 'CompoundList'
        ? walkStatements(node.body.commands, childOf(scope), unseenInput, shell)
        : walkCommand(node.body, childOf(scope), unseenInput, shell);
    default:
      return walkCompound(node, scope, stdin, shell);
  }
}

/** It may be called on a later line, so what it would do counts from here. */
function defineFunction(name: string, body: FunctionBody, scope: Scope, shell: Shell): Value {
  scope.functions.set(name, body);
  const inner = { ...childOf(scope, { calls: [...scope.calls, name], positional: undefined }) };
  shell.recorder.whileDefining(() => void shell.functionCall(body, inner, unseenInput));
  return known('');
}

type Compound = Exclude<
  CommandNode,
  { type: 'Command' | 'Redirected' | 'Subshell' | 'BraceGroup' | 'Function' | 'Coproc' }
>;

function walkCompound(node: Compound, scope: Scope, stdin: Value, shell: Shell): Value {
  const list = (commands: readonly Statement[]): Value => walkStatements(commands, scope, stdin, shell);
  const branch = (commands: readonly Statement[]): Value => maybe(scope, () => list(commands));
  switch (node.type) {
    case 'If': {
      const before = list(node.clause.commands);
      const printed = [branch(node.then.commands)];
      for (const { clause, then } of node.elif) printed.push(branch(clause.commands), branch(then.commands));
      if (node.else !== undefined) printed.push(branch(node.else.commands));
      return unknown('', ...mergedOrigins([before, ...printed]), 'computed');
    }
    case 'While': {
      const printed = [list(node.clause.commands), branch(node.body.commands)];
      return unknown('', ...mergedOrigins(printed), 'computed');
    }
    case 'For':
    case 'Select': {
      const words = node.wordlist?.flatMap((word) => expandWord(word, scope, shell)) ?? scope.positional?.slice(1);
      assign(scope, node.name.value, words ?? [unknown(`$${node.name.value}`, 'argument')]);
      const printed = branch(node.body.commands);
      return printed.isKnown && words?.length === 1 ? printed : unknown('', ...printed.origins, 'computed');
    }
    case 'ArithmeticFor':
      return unknown('', ...branch(node.body.commands).origins, 'computed');
    case 'Case':
      return walkCase(node, scope, stdin, shell);
    case 'TestCommand':
      visitTest(node.expression, scope, shell);
      return known('');
    case 'ArithmeticCommand':
      return known('');
  }
}

function walkCase(node: Case, scope: Scope, stdin: Value, shell: Shell): Value {
  expandText(node.word, scope, shell);
  const printed = node.items.map(({ pattern, body }) => {
    for (const word of pattern) expandText(word, scope, shell);
    return maybe(scope, () => walkStatements(body.commands, scope, stdin, shell));
  });
  return unknown('', ...mergedOrigins(printed), 'computed');
}

type Test = Extract<Compound, { type: 'TestCommand' }>['expression'];

/** A test decides nothing here, but substitutions in it run. */
function visitTest(test: Test, scope: Scope, shell: Shell): void {
  switch (test.type) {
    case 'TestUnary':
      expandText(test.operand, scope, shell);
      return;
    case 'TestBinary':
      expandText(test.left, scope, shell);
      expandText(test.right, scope, shell);
      return;
    case 'TestLogical':
      for (const operand of test.operands) visitTest(operand, scope, shell);
      return;
    case 'TestNot':
      visitTest(test.operand, scope, shell);
      return;
    case 'TestGroup':
      visitTest(test.expression, scope, shell);
      return;
  }
}
