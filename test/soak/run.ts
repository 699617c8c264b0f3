// npm run soak: half an hour of the big screen at 50 windows a second; DASHCTL_SOAK=2m makes it shorter.
import { parseDuration } from '../../src/runtime/duration.ts';
import { soak } from './soak.ts';

const asked = process.env.DASHCTL_SOAK ?? '30m';
const duration = parseDuration(asked);
if (duration === undefined || duration < 60_000) {
  console.error(`DASHCTL_SOAK=${asked} is no duration of a minute or more, such as 30m`);
  process.exit(2);
}
const { flatness, faults } = await soak({
  duration,
  every: 10_000,
  tolerance: 0.05,
  tell: (line) => console.log(line),
});
for (const [name, { second, last, growth }] of Object.entries(flatness)) {
  const change = `${growth < 0 ? '' : '+'}${(growth * 100).toFixed(1)} %`;
  console.log(`${name}: ${second.toFixed(1)} MB in the second third, ${last.toFixed(1)} MB in the last, ${change}`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
