// What counts as used: programs, scripts, tests and the doors of the packages. Everything else that nothing imports is a finding.
import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  // Programs of the operating system; scripts/peers.ts lists those that a test needs and where they come from.
  ignoreBinaries: ['apt-get', 'asciinema', 'openssl', 'prlimit', 'runuser', 'script', 'ssh-keygen', 'unshare'],
  workspaces: {
    '.': {
      entry: [
        'scripts/{test,check,spec,build,peers,demo,dev}.ts',
        'bench/main.ts',
        // Started as processes of their own.
        'bench/agents-peer.ts',
        'tests/end-to-end/openssh-regress/run-script.ts',
      ],
      project: ['scripts/**/*.{ts,mjs}', 'tests/**/*.ts', 'bench/**/*.ts'],
      // There for the binary inside, which scripts/check.ts starts by name.
      ignoreDependencies: ['@biomejs/biome'],
    },
    'packages/*': { project: ['src/**/*.ts'] },
    'packages/cli': { entry: ['src/main.ts'], project: ['src/**/*.ts'] },
  },
};

export default config;
