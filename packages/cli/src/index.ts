// The `sally` program, for tests and tools that run it in their own process.

export { runSally } from './run.ts';
export type { Input, Output, World } from './world.ts';
