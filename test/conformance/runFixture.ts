// Runs all cases of one fixture against a server of its own and collects the differences.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildFixture } from './buildFixture.ts';
import { compareAnswer } from './compareAnswer.ts';
import type { Case, Fixture, FixtureSettings } from './corpus.ts';
import { fillPlaceholders, type FixtureValues } from './placeholders.ts';
import { sendRequest, type Answer } from './rawRequest.ts';
import { startServer } from './serverProcess.ts';

export interface CaseResult {
  readonly case: Case;
  /** None: the case passed. */
  readonly differences: readonly string[];
  /** The request as sent, for the report. */
  readonly target: string;
  readonly answer: Answer | null;
}

/** How often a 503 with Retry-After is asked again, as any client would. */
const retriesMax = 20;
const retryDelayMs = 250;

export async function runFixture(fixture: Fixture, cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-conformance-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    const values = buildFixture(fixture, root);
    const settings = JSON.parse(fillPlaceholders(JSON.stringify(fixture.settings), values)) as FixtureSettings;
    const server = await startServer(settings, folder);
    try {
      const results: CaseResult[] = [];
      for (const one of cases) {
        const result = await runCase(one, values, server.port);
        const end = result.answer === null ? server.end() : null;
        if (end !== null) throw new Error(`at or before ${one.id}: ${end}`);
        results.push(result);
      }
      return results;
    } finally {
      await server.stop();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return cases.map((one) => ({ case: one, differences: [`the fixture could not run: ${reason}`], target: one.path, answer: null }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase(one: Case, values: FixtureValues, port: number): Promise<CaseResult> {
  const target = fillPlaceholders(one.path, values);
  const headers = { Accept: '*/*', ...one.headers };
  const body = one.body === null ? null : fillPlaceholders(one.body, values);
  let answer: Answer;
  try {
    answer = await sendPatiently(port, { method: one.method, target, headers, body });
  } catch (error) {
    return { case: one, differences: [`no answer: ${error instanceof Error ? error.message : String(error)}`], target, answer: null };
  }
  const filled = typeof one.expect.body === 'string' && one.expect.bodyKind !== 'bytes' ? fillPlaceholders(one.expect.body, values) : one.expect.body;
  const expectation = { ...one.expect, body: filled, optionalHeaders: one.optionalHeaders ?? {}, accept: headers.Accept };
  return { case: one, differences: compareAnswer(expectation, answer), target, answer };
}

async function sendPatiently(port: number, request: Parameters<typeof sendRequest>[1]): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await sendRequest(port, request);
    const isBusy = answer.status === 503 && answer.headers['retry-after'] !== undefined;
    if (!isBusy || attempt === retriesMax) return answer;
    await delay(retryDelayMs);
  }
}
