// Rows of text laid out for a terminal's width. A table that cannot be narrow enough becomes one block a row; nothing is cut but
// with an ellipsis, and nothing at all where the output is not a terminal.

import Table from 'cli-table3';
import { padTo, widthOf } from './width.ts';

export type Column = {
  readonly title: string;
  /** Columns that the cells of this column need at the least to be of use. */
  readonly minWidth?: number;
  readonly isNumber?: boolean;
};

/** A cell; what is painted is painted after it was measured and cut. */
export type Cell = string | { readonly text: string; paint(text: string): string };

const gap = 2;
const usualMinWidth = 8;

/** The lines, without trailing space. Width undefined: as wide as it takes. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | undefined,
): string[] {
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(textOf(row[at])))),
  );
  const widths = width === undefined ? natural : fit(columns, natural, width - gap * (columns.length - 1));
  if (widths === undefined) return recordLines(columns, rows, width ?? 0);
  const table = new Table({
    head: columns.map((column, at) => place(column.title, column, widths[at] ?? 0, at < columns.length - 1).content),
    colWidths: widths.map((columnWidth, at) => columnWidth + (at < widths.length - 1 ? gap : 0)),
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(
    ...rows.map((row) =>
      columns.map((column, at) => place(row[at] ?? '', column, widths[at] ?? 0, at < columns.length - 1)),
    ),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const noBorders = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
);

// The gap belongs to the cell, so that what is cut keeps its distance from the next column.
function place(cell: Cell, column: Column, width: number, hasGap: boolean) {
  const shown = cut(textOf(cell), width);
  const painted = paintOf(cell)(shown);
  const aligned = column.isNumber === true ? ' '.repeat(Math.max(0, width - widthOf(shown))) + painted : painted;
  return { content: hasGap ? padTo(aligned, width + gap) : aligned, hAlign: 'left' as const };
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '');
}

function paintOf(cell: Cell | undefined): (text: string) => string {
  return typeof cell === 'object' ? (text) => cell.paint(text) : (text) => text;
}

/** At most that wide, with an ellipsis where something is left out. Wide letters are never halved. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    if (widthOf(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The widest columns give way first, none below what it needs; undefined when that does not suffice. */
function fit(columns: readonly Column[], natural: readonly number[], available: number): number[] | undefined {
  const widths = [...natural];
  const floors = columns.map(({ title, minWidth }, at) =>
    Math.min(natural[at] ?? 0, Math.max(widthOf(title), minWidth ?? usualMinWidth)),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const slack = widths.map((width, at) => (width > (floors[at] ?? 0) ? width : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if (slack[widest] === 0) return undefined;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function recordLines(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): string[] {
  const titleWidth = Math.max(...columns.map(({ title }) => widthOf(title)));
  const field = ({ title }: Column, cell: Cell | undefined): string[] =>
    wrapped(textOf(cell), Math.max(width - titleWidth - gap, 1)).map((line, part) =>
      `${padTo(part === 0 ? title : '', titleWidth + gap)}${paintOf(cell)(line)}`.trimEnd(),
    );
  const record = (row: readonly Cell[]): string[] => columns.flatMap((column, at) => field(column, row[at]));
  return rows.flatMap((row, at) => (at === 0 ? record(row) : ['', ...record(row)]));
}

/** The text in lines of at most that width, broken between letters where it must. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const last = lines.at(-1) ?? '';
    if (widthOf(last + segment) > width && last !== '') lines.push(segment);
    else lines[lines.length - 1] = last + segment;
  }
  return lines;
}
