// `npm test`: runs every test, says why a skipped one was skipped, and ends with one line that counts them.
// It must never exit with 0 when a test, a hook, a test file or the run itself failed.
import { parseCLI, startVitest, type TestCase, type TestModule, type TestSuite, type Vitest } from 'vitest/node';
import { buildSally } from './build.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly TestCase[];
}

const skipReason = (test: TestCase): string => {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
};

/** A hook that throws fails its suite while the tests inside only count as skipped, so suites and files count too. */
function* failedContainers(module: TestModule): Generator<TestModule | TestSuite> {
  if (module.errors().length > 0) yield module;
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) yield suite;
}

const countOutcome = (vitest: Vitest): Outcome => {
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const withState = (state: string): readonly TestCase[] => tests.filter((test) => test.result().state === state);
  const containers = modules.flatMap((module) => [...failedContainers(module)]);
  // A test that was still pending when the run ended never gave an answer.
  const failed = withState('failed').length + withState('pending').length;
  return {
    passed: withState('passed').length,
    failed: failed + containers.length + vitest.state.getUnhandledErrors().length,
    skipped: withState('skipped'),
  };
};

const printSkipped = (skipped: readonly TestCase[]): void => {
  const byReason = Map.groupBy(skipped, skipReason);
  for (const [reason, tests] of byReason) {
    console.log(`skipped: ${reason}`);
    for (const test of tests)
      console.log(`  ${test.module.relativeModuleId} › ${test.fullName.replaceAll(' > ', ' › ')}`);
  }
};

const main = async (args: readonly string[]): Promise<number> => {
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  // The end-to-end tests run the program as it is released, never an older bundle.
  await buildSally();
  const vitest = await startVitest(filter, { ...options, watch: false, run: true });
  const outcome = countOutcome(vitest);
  await vitest.close();
  // With -t everything that does not match counts as skipped: there is nothing to explain.
  if (options.testNamePattern === undefined) printSkipped(outcome.skipped);
  const hasRun = outcome.passed + outcome.failed > 0;
  if (!hasRun) console.log('no test ran');
  console.log(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped.length} skipped`);
  const hasVitestFailed = process.exitCode !== undefined && process.exitCode !== 0;
  return outcome.failed === 0 && hasRun && !hasVitestFailed ? 0 : 1;
};

process.exit(await main(process.argv.slice(2)));
