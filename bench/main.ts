// `npm run bench`: every figure beside its peer and its goal, in one run. `npm run bench -- NAME [WORDS]` runs one of them.

import { parseArgs } from 'node:util';
import { agentsMeasurement } from './agents.ts';
import { auditMeasurement } from './audit.ts';
import { commandMeasurement } from './command.ts';
import { policyMeasurement } from './policy.ts';
import { recordingMeasurement } from './recording.ts';
import { type Measurement, printRows } from './report.ts';
import { sessionMeasurement } from './session.ts';
import { tunnelMeasurement } from './tunnel.ts';

const measurements: readonly Measurement[] = [
  sessionMeasurement,
  tunnelMeasurement,
  agentsMeasurement,
  policyMeasurement,
  auditMeasurement,
  recordingMeasurement,
  commandMeasurement,
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name, ...words] = positionals;
const chosen = name === undefined ? measurements : measurements.filter((measurement) => measurement.name === name);

if (chosen.length === 0) {
  console.error(
    `error: there is no measurement ${name}\nhint: one of ${measurements.map((each) => each.name).join(', ')}`,
  );
  process.exit(64);
}
const all: Record<string, unknown> = {};
for (const measurement of chosen) {
  if (!values.json) console.log(`\n${measurement.name}: ${measurement.about}`);
  const rows = await measurement.measure(words);
  all[measurement.name] = rows;
  if (values.json) continue;
  console.log('skipped' in rows ? `  skipped: ${rows.skipped}` : printRows(rows).replace(/^/gm, '  '));
}
if (values.json) console.log(JSON.stringify(all, null, 2));
