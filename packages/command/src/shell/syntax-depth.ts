// How deeply a text nests, by its brackets alone, before any parser sees it: deep nesting costs a parser far more than it says.
import { limits } from '../limits.ts';

const substitutions = /`|\$\(|[<>]\(/g;
const openings = /[({[`]|\b(?:if|while|until|for|case|select)\b/g;

/** An upper bound, infinite for more substitutions than anybody writes: quotes are not understood, so brackets inside of them count too. */
export function syntaxDepth(text: string): number {
  if ((text.match(substitutions)?.length ?? 0) > limits.substitutions) return Number.POSITIVE_INFINITY;
  const opened = text.match(openings)?.length ?? 0;
  if (opened < 100) return opened;
  let depth = 0;
  let deepest = 0;
  for (const char of text) {
    if (char === '(' || char === '{') depth += 1;
    else if ((char === ')' || char === '}') && depth > 0) depth -= 1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}
