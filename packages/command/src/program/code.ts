// Text that is run as code: says where it comes from, which is what matters when the text itself is not known.

import { childOf, type Scope } from '../shell/scope.ts';
import type { Origin, Value } from '../shell/value.ts';
import type { Call } from './program.ts';
import type { Interpreter } from './start.ts';

/** The origin that says most, worst first. */
const order: readonly Origin[] = ['network', 'decoded', 'written', 'input', 'file', 'listing', 'argument', 'computed'];

function worstOf({ origins }: Value, otherwise: Origin): Origin {
  return order.slice(0, 3).find((origin) => origins.includes(origin)) ?? otherwise;
}

function originOf(value: Value): Origin | 'text' {
  if (value.isKnown && value.origins.length === 0) return 'text';
  if (value.origins.includes('file') && value.origins.includes('computed')) return worstOf(value, 'computed');
  return order.find((origin) => value.origins.includes(origin)) ?? (value.isKnown ? 'text' : 'argument');
}

/** The output of a program that was given nothing, as in `eval "$(ssh-agent)"`. */
export function isGenerated({ text, isKnown, origins }: Value): boolean {
  const isWhole = text === '' || /^\$\([^$`;&|]*\)$/.test(text);
  return (
    !isKnown &&
    isWhole &&
    origins.includes('generated') &&
    origins.every((one) => one === 'generated' || one === 'input')
  );
}

/** Nothing in it says what would run: it begins with the unknown part, or is nothing else. */
function isOpaque({ text }: Value): boolean {
  const code = text.trim();
  return /^["']?(?:\$|`|$)/.test(code) || !/\s/.test(code);
}

/** The effect that code of this origin runs; known code that the line itself holds is followed instead. */
export function runsCode(value: Value, language: string, emit: Call['emit']): undefined {
  const origin = originOf(value);
  if (isGenerated(value)) return;
  const isForeign = origin === 'network' || origin === 'decoded';
  if (value.isKnown ? !isForeign && origin !== 'written' : !isForeign && !isOpaque(value)) return;
  emit('code', { ...value, text: language, isPattern: false }, origin);
}

/** A script that the text wrote itself: its first line says who reads it. */
export function codeFrom(value: Value, scope: Scope, stdin: Value, shell: Interpreter): undefined {
  const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(value.text);
  const named = interpreter?.[2] ?? interpreter?.[1] ?? 'sh';
  if (/(?:^|\/)\w*sh$/.test(named)) shell.script(value, childOf(scope), stdin);
}
