// The known name that somebody probably meant.

/** The candidate nearest to the word by edit distance, or undefined when none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, Math.floor(word.length / 4)) ? best.candidate : undefined;
}

/** Levenshtein distance, letter case and separators left aside. */
function distanceOf(a: string, b: string): number {
  const [from, to] = [plain(a), plain(b)];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '').slice(0, 64);
}
