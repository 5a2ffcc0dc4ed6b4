// The shared block: cells, wrap-around of heartbeats, silence.
import t from 'tap';
import { ControlBlock, createControlBlock, drainPhases } from '../../../src/cluster/controlBlock.ts';
import { lookAtHeartbeat, startHeartbeatWatch } from '../../../src/cluster/heartbeatWatch.ts';

t.test('two views of one block see the same values, each cell its own', (t) => {
  const buffer = createControlBlock(4, 3, 1_000.5);
  const primary = new ControlBlock(buffer);
  const worker = new ControlBlock(buffer);
  t.equal(worker.startedAtMs, 1_000.5);
  t.equal(worker.threads, 4);
  t.equal(worker.sources, 3);
  t.equal(worker.drainPhase(), 'starting');
  t.equal(worker.readiness(), 'notReady');
  for (const phase of drainPhases) {
    primary.setDrainPhase(phase);
    t.equal(worker.drainPhase(), phase);
  }
  primary.setEpoch(12);
  primary.setStaleness(2, -61);
  for (let thread = 0; thread < 4; thread += 1) {
    worker.beat(thread, 1_000.5 + 100 * thread);
    worker.writeGauges(thread, { requestsInFlight: thread, connectionsOpen: 10 + thread, subscribersOpen: 20 + thread, eventLoopUtilisation: thread / 4 });
  }
  t.equal(primary.epoch(), 12);
  t.strictSame([...primary.staleness], [0, 0, -61]);
  for (let thread = 0; thread < 4; thread += 1) {
    t.equal(primary.heartbeatAgeMs(thread, 1_400.5), 400 - 100 * thread);
    t.strictSame(primary.gauges(thread), {
      requestsInFlight: thread,
      connectionsOpen: 10 + thread,
      subscribersOpen: 20 + thread,
      eventLoopUtilisation: thread / 4,
    });
  }
  primary.resetThread(1, 5_000);
  t.equal(primary.heartbeatAgeMs(1, 5_000), 0);
  t.equal(primary.gauges(1).connectionsOpen, 0);
  t.equal(primary.gauges(2).connectionsOpen, 12);
  t.end();
});

t.test('draining is final: a source that becomes ready later does not make the process ready again', (t) => {
  const block = new ControlBlock(createControlBlock(1, 0, 0));
  block.setReadiness('ready');
  t.equal(block.readiness(), 'ready');
  block.setReadiness('draining');
  block.setReadiness('ready');
  t.equal(block.readiness(), 'draining');
  t.end();
});

t.test('the age of a heartbeat is right after 25 and 50 days, when its cell has wrapped', (t) => {
  const block = new ControlBlock(createControlBlock(1, 0, 0));
  for (const days of [24, 25, 49, 50, 400]) {
    const nowMs = days * 86_400_000;
    block.beat(0, nowMs);
    t.equal(block.heartbeatAgeMs(0, nowMs + 1_234), 1_234, `${days} days`);
  }
  t.end();
});

t.test('silence of a worker grows with each look, ends with a beat, and does not count the time in which the whole process stood still', (t) => {
  let watch = startHeartbeatWatch(7, 0);
  for (let nowMs = 200; nowMs <= 2_000; nowMs += 200) watch = lookAtHeartbeat(watch, 7, nowMs, 200);
  t.equal(watch.silentMs, 2_000);
  watch = lookAtHeartbeat(watch, 7, 3_602_000, 200);
  t.equal(watch.silentMs, 2_400);
  watch = lookAtHeartbeat(watch, 8, 3_602_200, 200);
  t.equal(watch.silentMs, 0);
  t.end();
});

t.test('a thread or source without a cell is a bug that is caught', (t) => {
  const block = new ControlBlock(createControlBlock(2, 1, 0));
  t.throws(() => block.beat(2, 0), /assertion failed/);
  t.throws(() => block.setStaleness(1, 5), /assertion failed/);
  t.throws(() => createControlBlock(0, 1, 0), /assertion failed/);
  t.end();
});
