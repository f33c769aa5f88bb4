// What every source file keeps to: its size, the size of its functions, its opening comment, and no hidden inputs.
import ts from 'typescript';
import { isTest, lineOf, type Project, type Rule, type SourceFile, visit } from './project.ts';

const maxFileLines = 400;
const maxFunctionLines = 60;

const isGenerated = (path: string): boolean => path.includes('/generated/');

const fileSizes = ({ files }: Project): readonly string[] =>
  files
    .filter((file) => !isGenerated(file.path))
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > maxFileLines)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${maxFileLines}`);

const isCallOf = (node: ts.Node, names: RegExp): boolean =>
  ts.isCallExpression(node) && names.test(node.expression.getText());

/** The callback of `describe`, or a contract suite of the test kit, holds tests; these are measured one by one. */
const isSuite = (path: string, node: ts.SignatureDeclaration): boolean => {
  if (isTest(path) && isCallOf(node.parent, /^describe\b/)) return true;
  if (!path.startsWith('packages/testkit/') || !('body' in node)) return false;
  const { body } = node;
  if (body === undefined || !ts.isBlock(body)) return false;
  return body.statements.some(
    (line) => ts.isExpressionStatement(line) && isCallOf(line.expression, /^(describe|it|test)\b/),
  );
};

const longFunctions = (file: SourceFile): readonly string[] => {
  const found: string[] = [];
  visit(file.tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (isSuite(file.path, node)) return;
    const end = file.tree.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const lines = end - lineOf(file.tree, node) + 1;
    if (lines > maxFunctionLines) found.push(`${file.path}:${lineOf(file.tree, node)} function of ${lines} lines`);
  });
  return found;
};

/** An empty package says only `export {};` until it has a subject. */
const placeholder = 'export {};';

const openings = ({ files }: Project): readonly string[] =>
  files
    .filter(({ text }) => text.trim() !== placeholder)
    .filter(({ text }) => !/^(#!.*\n)?\/[/*]/.test(text))
    .map(({ path }) => `${path} does not open with a comment that says what it is`);

const mayReadTheWorld = (path: string): boolean =>
  isTest(path) ||
  /^(scripts|bench)\//.test(path) ||
  /^packages\/testkit\//.test(path) ||
  /^packages\/[^/]+\/(src\/main\.ts|bin\/)/.test(path) ||
  path === 'packages/core/src/clock.ts' ||
  /^[^/]+\.config\.ts$/.test(path);

const hiddenMembers = new Set(['process.env', 'Date.now', 'Math.random', 'globalThis.process']);

const hiddenInput = (node: ts.Node): string | undefined => {
  if (ts.isPropertyAccessExpression(node) && hiddenMembers.has(node.getText())) return node.getText();
  const isDate = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'Date';
  if (isDate && (node.arguments ?? []).length === 0) return node.getText();
  const isEnvImport = ts.isImportSpecifier(node) && (node.propertyName ?? node.name).getText() === 'env';
  return isEnvImport && /['"](node:)?process['"]/.test(node.parent.parent.parent.getText()) ? 'process.env' : undefined;
};

const hiddenInputs = (file: SourceFile): readonly string[] => {
  if (mayReadTheWorld(file.path)) return [];
  const found: string[] = [];
  visit(file.tree, (node) => {
    const read = hiddenInput(node);
    if (read !== undefined) found.push(`${file.path}:${lineOf(file.tree, node)} reads ${read}; take it as a parameter`);
  });
  return found;
};

export const fileRules: readonly Rule[] = [
  { name: `no source file is longer than ${maxFileLines} lines`, violations: fileSizes },
  {
    name: `no function is longer than ${maxFunctionLines} lines`,
    violations: ({ files }) => files.filter(({ path }) => !isGenerated(path)).flatMap(longFunctions),
  },
  { name: 'every source file opens with a comment', violations: openings },
  {
    name: 'only programs, tests and scripts read the clock, the environment and chance',
    violations: ({ files }) => files.flatMap(hiddenInputs),
  },
];
