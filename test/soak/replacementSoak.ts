// Worker replacement every second under new-connection load: `node dist/test/soak/replacementSoak.js [requests]`. Exits 1 when one failed.
import { replaceUnderLoad } from '../fixtures/cluster/scenarios.ts';

const requests = Number(process.argv[2] ?? 100_000);
const { result, replaced, errors, stderr } = await replaceUnderLoad(requests, 1_000);
console.log(
  `${result.answered} answers over ${result.connections} connections, ${replaced} replacements, ${result.failures.length} failed`,
  result.failures,
  errors,
  stderr,
);
process.exitCode = result.failures.length === 0 && errors.length === 0 ? 0 : 1;
