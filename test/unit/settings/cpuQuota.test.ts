// The CPU quota of cgroups, from the files that the kernel shows.
import t from 'tap';
import { parseCgroupMounts, parseCgroupPath, parseV1, parseV2, readCpuQuota, workerCount } from '../../../src/settings/cpuQuota.ts';

function files(texts: Readonly<Record<string, string>>): (path: string) => string | null {
  return (path) => texts[path] ?? null;
}

const mountV2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
const mountV1 = `31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:5 - cgroup cgroup rw,memory
36 30 0:32 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct
`;

t.test('cpu.max of cgroup v2 is a quota and a period, or none', async (t) => {
  t.equal(parseV2('150000 100000\n'), 1.5);
  t.equal(parseV2('50000 100000\n'), 0.5);
  t.equal(parseV2('max 100000\n'), null);
  for (const text of [null, '', 'max', '100000', '0 100000', '100000 0', 'garbage']) t.equal(parseV2(text), null, String(text));
});

t.test('cpu.cfs files of cgroup v1 hold quota and period, minus one is none', async (t) => {
  t.equal(parseV1('200000\n', '100000\n'), 2);
  t.equal(parseV1('-1\n', '100000\n'), null);
  for (const [quota, period] of [
    [null, '100000'],
    ['100000', null],
    ['x', '100000'],
    ['100000', '0'],
    ['', ''],
  ] as const)
    t.equal(parseV1(quota, period), null);
});

t.test('a container of cgroup v2 sees its own quota at the mount', async (t) => {
  const read = files({ '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': mountV2, '/sys/fs/cgroup/cpu.max': '200000 100000\n' });
  t.equal(readCpuQuota(read), 2);
});

t.test('a service of cgroup v2 has the tightest quota of itself and its parents', async (t) => {
  const texts = {
    '/proc/self/cgroup': '0::/system.slice/vortex.service\n',
    '/proc/self/mountinfo': mountV2,
    '/sys/fs/cgroup/system.slice/cpu.max': '150000 100000\n',
    '/sys/fs/cgroup/system.slice/vortex.service/cpu.max': '400000 100000\n',
  };
  t.equal(readCpuQuota(files(texts)), 1.5);
  t.equal(readCpuQuota(files({ ...texts, '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n' })), 4);
});

t.test('a container of cgroup v1 finds the cpu hierarchy, whose mount shows only its own part', async (t) => {
  const read = files({
    '/proc/self/cgroup': '11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n',
    '/proc/self/mountinfo': mountV1.replaceAll(' / /sys', ' /docker/abc /sys'),
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  });
  t.equal(readCpuQuota(read), 0.5);
});

t.test('a service of cgroup v1 is looked up below the mount', async (t) => {
  const read = files({
    '/proc/self/cgroup': '4:cpuacct,cpu:/system.slice/x\n',
    '/proc/self/mountinfo': mountV1,
    '/sys/fs/cgroup/cpu,cpuacct/system.slice/x/cpu.cfs_quota_us': '300000\n',
    '/sys/fs/cgroup/cpu,cpuacct/system.slice/x/cpu.cfs_period_us': '100000\n',
  });
  t.equal(readCpuQuota(read), 3);
});

t.test('without cgroups, or with nothing readable, there is no quota', async (t) => {
  t.equal(readCpuQuota(files({})), null);
  t.equal(readCpuQuota(files({ '/proc/self/cgroup': '0::/\n' })), null);
  t.equal(readCpuQuota(files({ '/proc/self/cgroup': '0::/../outside\n', '/proc/self/mountinfo': mountV2 })), null);
  t.equal(readCpuQuota(files({ '/proc/self/cgroup': 'garbage', '/proc/self/mountinfo': 'garbage - x\n\n' })), null);
});

t.test('the quota of this very machine can be read', async (t) => {
  const quota = readCpuQuota();
  t.ok(quota === null || quota > 0);
});

t.test('mounts and own paths are parsed', async (t) => {
  t.strictSame(parseCgroupMounts(mountV1 + mountV2), [
    { version: 1, mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/' },
    { version: 2, mountPoint: '/sys/fs/cgroup', root: '/' },
  ]);
  t.equal(parseCgroupPath('12:cpuset:/no\n4:cpu:/yes:with:colons\n', 1), '/yes:with:colons');
  t.equal(parseCgroupPath('4:cpu:/v1\n', 2), null);
});

t.test('workers are as many as the quota rounded up, at most the CPUs, at least one', async (t) => {
  t.equal(workerCount(null, 4), 4);
  t.equal(workerCount(1.5, 4), 2);
  t.equal(workerCount(0.5, 4), 1);
  t.equal(workerCount(16, 4), 4);
  t.equal(workerCount(null, 0), 1);
});
