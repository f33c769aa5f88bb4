// The project's sources as the structure rules see them: paths, syntax trees and imports. Reads files only, never runs them.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
  /** Path of the imported source file, for relative imports. */
  readonly target: string | undefined;
}

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

export interface Project {
  readonly root: string;
  readonly files: readonly SourceFile[];
}

export interface Rule {
  readonly name: string;
  /** One line for each place that breaks the rule, `path:line what is wrong`. */
  readonly violations: (project: Project) => readonly string[];
}

const sourcePatterns = [
  'packages/*/src/**/*.{ts,tsx,mjs}',
  'packages/*/bin/**/*.{ts,mjs}',
  '{scripts,tests,bench}/**/*.{ts,mjs}',
  '*.{ts,mjs}',
];

export const lineOf = (tree: ts.SourceFile, node: ts.Node): number =>
  tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

export const visit = (node: ts.Node, see: (node: ts.Node) => void): void => {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
};

/** What only the tests of a package use, and may use the test kit: `src/testing/`. */
export const isTestSupport = (path: string): boolean => /^packages\/[^/]+\/src\/testing\//.test(path);

export const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') || path.startsWith('tests/') || isTestSupport(path);

export const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];

const isTypeOnlyClause = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
};

const readImports = (path: string, tree: ts.SourceFile): readonly Import[] => {
  const imports: Import[] = [];
  const add = (node: ts.Node, from: ts.Expression | undefined, isTypeOnly: boolean, isDynamic: boolean): void => {
    if (from === undefined || !ts.isStringLiteralLike(from)) return;
    const target = from.text.startsWith('.') ? posix.join(posix.dirname(path), from.text) : undefined;
    imports.push({ specifier: from.text, line: lineOf(tree, node), isTypeOnly, isDynamic, target });
  };
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnlyClause(node), false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, true);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined, true, false);
    }
  });
  return imports;
};

const readSource = (root: string, path: string): SourceFile => {
  const text = readFileSync(join(root, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: readImports(path, tree) };
};

export const loadProject = (root: string): Project => {
  const found = sourcePatterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  const paths = [...new Set(found.map((path) => path.replaceAll('\\', '/')))].sort();
  return { root, files: paths.map((path) => readSource(root, path)) };
};
