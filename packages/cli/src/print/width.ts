// How wide text is on a terminal.

import stringWidth from 'string-width';

/** Columns that the text takes: Korean letters take two, escape sequences none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text filled up with spaces to a width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
