// How a measurement is told: the figure, what it stands beside in the same run, their ratio, and the goal of the design.

export type Row = {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  /** The peer's figure in the same run, and who it is. */
  readonly beside?: { readonly who: string; readonly figure: number };
  /** The bound that the figure, or the ratio where there is a peer, should keep. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
};

export type Measurement = {
  readonly name: string;
  readonly about: string;
  /** Rows, or why it cannot run here. */
  measure(words: readonly string[]): Promise<readonly Row[] | { readonly skipped: string }>;
};

export function printRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.what, written(row.figure, row.unit), beside(row), ratio(row), goal(row)]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The value below which that share (0 to 1) of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

function judged({ figure, beside: peer }: Row): number {
  return peer ? figure / peer.figure : figure;
}

function written(figure: number, unit: string): string {
  // Three digits say all that a noisy machine can tell.
  return `${Number(figure.toPrecision(3))} ${unit}`;
}

function beside({ beside: peer, unit }: Row): string {
  return peer ? `beside ${peer.who} ${written(peer.figure, unit)}` : '';
}

function ratio(row: Row): string {
  return row.beside ? `= ${judged(row).toFixed(2)}×` : '';
}

function goal(row: Row): string {
  if (!row.goal) return '';
  const unit = row.beside ? '×' : ` ${row.unit}`;
  const [sign, bound, isKept] =
    'atMost' in row.goal
      ? ['≤', row.goal.atMost, judged(row) <= row.goal.atMost]
      : ['≥', row.goal.atLeast, judged(row) >= row.goal.atLeast];
  return `goal ${sign} ${bound}${unit}: ${isKept ? 'kept' : 'MISSED'}`;
}
