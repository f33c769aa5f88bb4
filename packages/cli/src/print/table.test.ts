// Tables at the widths of real terminals, with Korean in them.

import { describe, expect, it } from 'vitest';
import { cut, tableLines } from './table.ts';
import { widthOf } from './width.ts';

const columns = [
  { title: '이름', minWidth: 12 },
  { title: '상태' },
  { title: '레이블' },
  { title: '운영 체제' },
  { title: '세션', isNumber: true },
];
const rows = [
  [
    'web-1',
    { text: '연결됨', paint: (text: string) => `\x1b[32m${text}\x1b[39m` },
    'env=prod region=서울',
    'Debian GNU/Linux 12 (bookworm)',
    '3',
  ],
  ['데이터베이스-서버-아주-긴-이름', '끊김', 'env=dev', 'Ubuntu 24.04', '12'],
];

describe('a table', () => {
  it.each([40, 60, 80, 120])('fits %i columns with Korean in it, and its columns line up (OPS-4)', (width) => {
    const lines = tableLines(columns, rows, width);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
    expect(lines.join('\n')).toMatchSnapshot();
  });

  it('keeps a gap behind a column of numbers, in the head as well (SES-5)', () => {
    const lines = tableLines([{ title: 'COUNT', isNumber: true }, { title: 'SEEN' }], [['1', 'now']], 40);
    expect(lines).toEqual(['COUNT  SEEN', '    1  now']);
  });

  it('leaves nothing out where the output is not a terminal (SES-5)', () => {
    const text = tableLines(columns, rows, undefined).join('\n');
    expect(text).toContain('데이터베이스-서버-아주-긴-이름');
    expect(text).toContain('Debian GNU/Linux 12 (bookworm)');
  });

  it.each([
    ['abcdef', 4, 'abc…'],
    ['abcdef', 6, 'abcdef'],
    ['한국어로', 5, '한국…'],
    ['한국어로', 4, '한…'],
  ])('cuts %s to %i columns as %s and halves no letter (OPS-4)', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });
});
