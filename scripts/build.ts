// `npm run build`: bundles the `sally` program into dist/, one small entry and a chunk for each command that loads lazily.
// Native and WebAssembly packages stay outside the bundle and are found in node_modules.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const entry = join(root, 'packages/cli/src/main.ts');
const outdir = join(root, 'dist');

/** Packages with a binary or a WebAssembly file beside their code, and the optional natives that ssh2 and pg try to load. */
const external = ['koffi', '@cedar-policy/cedar-wasm', 'cpu-features', 'pg-native', '*.node'];

/** CommonJS dependencies expect `require`, `__filename` and `__dirname`; an ES module has to bring them. */
const banner = [
  "import { createRequire as makeRequire } from 'node:module';",
  'const require = makeRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** Bundles the program; answers its path and, in words, its size. */
export async function buildSally(): Promise<{ program: string; size: string }> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: entry, out: 'sally' },
      { in: join(root, 'packages/host/src/login-hand.ts'), out: 'login-hand' },
    ],
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: false,
    sourcemap: false,
    legalComments: 'linked',
    banner: { js: banner },
    external,
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs);
  const bytes = outputs.reduce((sum, [, output]) => sum + output.bytes, 0);
  const size = `dist/sally.mjs and ${outputs.length - 1} more files, ${(bytes / 1e6).toFixed(1)} MB`;
  return { program: join(outdir, 'sally.mjs'), size };
}

if (import.meta.main) console.log((await buildSally()).size);
