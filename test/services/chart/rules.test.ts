// The alerts and recording rules by promtool, and every expression of the chart by a real Prometheus that scrapes a real server.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { connect } from '../../../src/client/connect.ts';
import { metricCatalogue } from '../../../src/telemetry/metricCatalogue.ts';
import { isPrometheusMissing, Prometheus } from '../../fixtures/prometheus/prometheus.ts';
import { startServer } from '../../fixtures/server.ts';
import { adapterQueries, alertQueries, dashboardQueries, kedaQueries, recordingQueries, rules, rulesText, type ChartQuery } from './chartQueries.ts';
import { at, chartFolder, fixtures, manifestOf, manifests, skipChart } from './chartTools.ts';

t.setTimeout(180_000);

const skip = skipChart !== false ? skipChart : isPrometheusMissing() && process.env['CI'] === undefined ? 'prometheus or promtool is missing' : false;
const labels = { namespace: 'platform', job: 'config-vortex-config', pod: 'config-vortex-config-0' };

function promtool(...argv: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', argv, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

t.test('promtool', { skip }, async (t) => {
  const folder = t.testdir({ 'rules.yaml': '' });
  writeFileSync(join(folder, 'rules.yaml'), rulesText());
  copyFileSync(join(fixtures, 'alerts.yaml'), join(folder, 'alerts.yaml'));

  await t.test('accepts the rules', async (t) => {
    const { status, output } = promtool('check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rules.yaml'));
    t.equal(status, 0, output);
  });

  await t.test('sees each alert fire when it should, and only then', async (t) => {
    const { status, output } = promtool('test', 'rules', join(folder, 'alerts.yaml'));
    t.equal(status, 0, output);
    const tested = readFileSync(join(fixtures, 'alerts.yaml'), 'utf8');
    for (const { alert } of rules()) if (alert !== undefined) t.match(tested, `alertname: ${alert}\n        exp_alerts:`, `${alert} is seen to fire`);
  });

  await t.test('would notice a threshold that is not that of the values', async (t) => {
    writeFileSync(join(folder, 'rules.yaml'), rulesText({ monitoring: { prometheusRule: { errorRatio: 0.2 } } }));
    t.not(promtool('test', 'rules', join(folder, 'alerts.yaml')).status, 0);
  });
});

t.test('every alert has a runbook in the README of the chart', { skip }, async (t) => {
  const readme = readFileSync(join(chartFolder, 'README.md'), 'utf8');
  for (const { alert } of rules()) {
    if (alert === undefined) continue;
    const section = readme.split(`### ${alert}\n`)[1]?.split('\n### ')[0] ?? '';
    t.match(section, /\n1\. /, `${alert} says what to do`);
    t.match(rulesText(), `#${alert.toLowerCase()}`, `${alert} leads there`);
  }
});

t.test('no expression names a metric or a label value that the server does not have', { skip }, async (t) => {
  const own = new Set(Object.entries(metricCatalogue).flatMap(([name, { type }]) => (type === 'histogram' ? [`${name}_bucket`] : [name])));
  const ofProcess = /^process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)$/;
  for (const { name, expression } of [...allQueries('1m'), ...alertQueries()]) {
    for (const [, metric] of expression.matchAll(/([a-zA-Z_:][a-zA-Z0-9_:]*)\{/g)) {
      t.ok(own.has(metric ?? '') || ofProcess.test(metric ?? '') || (metric ?? '').startsWith('vortex:'), `${name}: ${metric}`);
    }
  }
});

function allQueries(rateInterval: string): readonly ChartQuery[] {
  return [...recordingQueries(), ...dashboardQueries(rateInterval), ...adapterQueries(), ...kedaQueries()];
}

t.test('a Prometheus that scrapes a running server', { skip }, async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' } });
  const prometheus = new Prometheus({ scrapeInterval: '1s', rules: [rulesText()] });
  t.teardown(() => prometheus.stop());
  await prometheus.start();
  prometheus.setTargets([{ port: server.managementPort, labels }]);

  // some of everything: lookups, a miss, an error, subscribers, a change
  const configuration = await connect({ url: `http://127.0.0.1:${server.port}`, application: 'orders', profile: 'prod', transports: ['events'] });
  t.teardown(() => configuration.close());
  const loadEndsAtMs = Date.now() + 12_000;
  for (let round = 0; Date.now() < loadEndsAtMs; round += 1) {
    for (const path of ['/orders/prod', '/orders/prod', '/orders/prod/none/none.txt', `/orders/prod/label${round}`, '/health/ready']) await server.get(path);
    if (round % 10 === 0) server.write('orders.yml', `a: ${round}\n`);
    await delay(100);
  }

  for (const { name, expression } of [...allQueries('10s'), ...alertQueries()]) {
    await t.test(`has data for the ${name}`, async (t) => {
      const samples = await prometheus.query(expression);
      t.comment(`${samples.length} series, the first ${samples[0]?.value ?? 'none'}`);
      t.ok(samples.length > 0, expression);
      t.notOk(
        samples.some(({ value }) => Number.isNaN(value)),
        `no NaN: ${expression}`,
      );
    });
  }

  await t.test('has recorded every recording rule, and fires no alert', async (t) => {
    for (const { record } of rules()) if (record !== undefined) t.ok((await prometheus.query(record)).length > 0, record);
    t.strictSame(await prometheus.query('ALERTS{alertstate="firing"}'), []);
  });

  await t.test('counts for the HPA what clients ask, not what probes and scrapes do', async (t) => {
    const hpa = manifestOf(manifests({}), 'HorizontalPodAutoscaler');
    const metrics = at(hpa, 'spec', 'metrics') as readonly unknown[];
    const asked = metrics.flatMap((metric) => (at(metric, 'type') === 'Pods' ? [at(metric, 'pods', 'metric', 'name')] : []));
    t.strictSame(
      adapterQueries().map(({ name }) => name),
      asked,
      'the adapter has the metrics that the HPA asks for',
    );
    const [requests, subscribers] = await Promise.all(adapterQueries().map(({ expression }) => prometheus.query(expression)));
    t.strictSame(
      requests?.map(({ metric }) => metric),
      [{ pod: labels.pod }],
    );
    t.strictSame(
      subscribers?.map(({ value }) => value),
      [1],
    );
    const all = await prometheus.query('sum(rate(http_requests_total[1m]))');
    const quiet = await prometheus.query('sum(rate(http_requests_total{path=~"probe|metrics|management"}[1m]))');
    t.ok((quiet[0]?.value ?? 0) > 0, 'there were probes and scrapes');
    t.ok((requests?.[0]?.value ?? 0) < (all[0]?.value ?? 0), 'they are not in it');
  });
});
