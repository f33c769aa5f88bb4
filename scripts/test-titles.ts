// The names of the tests in a test file, read from its syntax tree without running it.
import ts from 'typescript';

export interface TestTitle {
  readonly file: string;
  /** Titles of the suites around the test and its own, joined by ` › `. */
  readonly name: string;
  /** Where ids are looked for: the name, and the rows of `it.each`. */
  readonly cited: string;
}

/** Test files, and the contract suites of the test kit that test files call. */
export const holdsTests = (path: string): boolean =>
  path.endsWith('.test.ts') || path.startsWith('packages/testkit/src/');

const rootName = (callee: ts.Expression): string | undefined => {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return rootName(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return rootName(callee.tag);
  return undefined;
};

/** Text of a literal title; `${name}` stays as it is written, and any other expression is shown as its source. */
const titleText = (title: ts.Expression): string => {
  if (ts.isStringLiteralLike(title)) return title.text;
  const source = title.getText();
  return ts.isTemplateExpression(title) ? source.slice(1, -1) : source;
};

/** `it(title, body)`, `it.each(rows)(title, body)`, `describe(title, body)`; not the `it.each(rows)` inside. */
const titledCall = (node: ts.Node): { kind: string; title: string; rows: string } | undefined => {
  if (!ts.isCallExpression(node)) return undefined;
  const kind = rootName(node.expression);
  const [title, ...bodies] = node.arguments;
  if (kind === undefined || !['it', 'test', 'describe'].includes(kind) || title === undefined) return undefined;
  const hasBody = bodies.some(
    (body) => ts.isArrowFunction(body) || ts.isFunctionExpression(body) || ts.isIdentifier(body),
  );
  if (!hasBody) return undefined;
  const rows = ts.isIdentifier(node.expression) ? '' : node.expression.getText();
  return { kind, title: titleText(title), rows };
};

export const readTestTitles = (file: string, text: string): readonly TestTitle[] => {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: TestTitle[] = [];
  const walk = (node: ts.Node, suites: readonly string[], rows: string): void => {
    const call = titledCall(node);
    if (call === undefined) {
      ts.forEachChild(node, (child) => walk(child, suites, rows));
      return;
    }
    const path = [...suites, call.title];
    const seen = `${rows} ${call.rows}`;
    if (call.kind === 'describe') ts.forEachChild(node, (child) => walk(child, path, seen));
    else found.push({ file, name: path.join(' › '), cited: `${path.join(' › ')} ${seen}` });
  };
  walk(tree, [], '');
  return found;
};
