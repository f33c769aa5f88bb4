// Collects effects once each and counts what the analysis spends. When a limit is reached it says so, once, as an effect.

import { type Analysis, type Effect, pathKinds } from './effect.ts';
import { limits } from './limits.ts';
import type { Value } from './shell/value.ts';

type NewEffect = Omit<Effect, 'as'> & { readonly as: string };

export interface Recorder {
  add(effect: NewEffect): void;
  /**
   * Runs the action for what is only defined here (an alias, a function): known effects count, what is not known matters when
   * it is called.
   */
  whileDefining(action: () => void): void;
  /** True while there is something left to spend. */
  spendCommand(): boolean;
  spendWord(length: number): boolean;
  spendNested(length: number): boolean;
  /** The text goes on in a way that was not followed. */
  giveUp(reason: string): void;
  /** A part of the text is not shell text: what it would do is told only as far as it could be read. */
  misread(): void;
  /** What was written to a path earlier in the text. */
  readonly files: Map<string, Value>;
  finish(): Analysis;
}

const foreign = new Set(['network', 'decoded']);

function isOpen({ kind, isKnown, detail }: NewEffect): boolean {
  return kind === 'unknown' || (kind === 'code' && !isKnown && !foreign.has(detail ?? ''));
}

export function recorder(): Recorder {
  const effects: Effect[] = [];
  const seen = new Set<string>();
  const spent = { commands: 0, words: 0, nested: 0 };
  let isComplete = true;
  let defining = 0;

  const unreadable = (target: string, detail: string): void => {
    effects.push({ kind: 'unknown', target, program: '', as: '', isKnown: false, isPattern: false, detail });
  };
  const giveUp = (reason: string): void => {
    if (!isComplete) return;
    isComplete = false;
    unreadable(reason, 'limit');
  };
  let isMisread = false;
  const misread = (): void => {
    if (isMisread) return;
    isMisread = true;
    unreadable('a syntax error', 'syntax');
  };
  const spend = (what: keyof typeof spent, amount: number, most: number, reason: string): boolean => {
    // Once the text is given up nothing more is worth the time: it is denied.
    if (!isComplete) return false;
    spent[what] += amount;
    if (spent[what] <= most) return true;
    giveUp(reason);
    return false;
  };
  const add = (effect: NewEffect): void => {
    if (defining > 0 && isOpen(effect)) return;
    if (effects.length >= limits.effects) {
      giveUp('too many effects');
      return;
    }
    const { kind, target, program, as, detail, arguments: words } = effect;
    const key = [kind, target, program, as, detail, ...(words ?? [])].join('\u0000');
    if (seen.has(key)) return;
    seen.add(key);
    effects.push(pathKinds.has(kind) && target.length > 4_096 ? { ...effect, target: target.slice(0, 4_096) } : effect);
  };

  return {
    add,
    whileDefining: (action) => {
      defining += 1;
      action();
      defining -= 1;
    },
    spendCommand: () => spend('commands', 1, limits.commands, 'too many commands'),
    spendWord: (length) => spend('words', 1 + Math.floor(length / 512), limits.words, 'too many words'),
    spendNested: (length) => spend('nested', length, limits.nestedLength, 'too much text inside text'),
    giveUp,
    files: new Map(),
    misread,
    finish: () => ({ effects, isComplete }),
  };
}
