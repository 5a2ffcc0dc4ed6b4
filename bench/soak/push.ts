// A thousand random schedules of commits, disconnects, slow readers and worker replacements. Exits 1 when a subscriber was wrong.
//
//   npm run soak:push -- [SCHEDULES] [SEED]
import { runSchedules } from '../../test/integration/push/randomSchedules.ts';

const schedules = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const { problems, frames, ...counts } = await runSchedules(schedules, seed);
console.log(
  `seed ${seed}: ${Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}`,
);
console.log(
  `frames: ${Object.entries(frames)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}`,
);
console.log(`${problems.length} problems`, problems.slice(0, 10));
process.exitCode = problems.length === 0 ? 0 : 1;
