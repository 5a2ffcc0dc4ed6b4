// How many CPUs the cgroup lets this process use, from cgroup v2 or v1 files.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** The texts of files by absolute path; null for a file that does not exist or cannot be read. */
export type ReadText = (path: string) => string | null;

/**
 * Serving threads for `server.workers` 0: the quota of the cgroup rounded to the next whole CPU, else the CPUs of the
 * machine that the process may run on; at least 1. (Node's availableParallelism sees the CPU mask but no quota.)
 */
export function workerCount(quotaCpus: number | null, machineCpus: number): number {
  const allowed = quotaCpus === null ? machineCpus : Math.min(machineCpus, Math.ceil(quotaCpus));
  return Math.max(1, allowed);
}

/** CPUs, maybe a fraction (0.5); null without a quota. The tightest of the own cgroup and its ancestors. */
export function readCpuQuota(readText: ReadText = readTextFile): number | null {
  const membership = readText('/proc/self/cgroup');
  if (membership === null) return null;
  const mounts = parseCgroupMounts(readText('/proc/self/mountinfo') ?? '');
  let tightest: number | null = null;
  for (const { version, mountPoint, root } of mounts) {
    const own = parseCgroupPath(membership, version);
    if (own === null) continue;
    for (const directory of ancestors(mountPoint, relativeTo(root, own))) {
      const quota =
        version === 2
          ? parseV2(readText(`${directory}/cpu.max`))
          : parseV1(readText(`${directory}/cpu.cfs_quota_us`), readText(`${directory}/cpu.cfs_period_us`));
      if (quota !== null) tightest = tightest === null ? quota : Math.min(tightest, quota);
    }
  }
  return tightest;
}

/** `cpu.max` of cgroup v2: `150000 100000` is 1.5 CPUs, `max 100000` no quota. */
export function parseV2(text: string | null): number | null {
  const match = /^(\d+) (\d+)\s*$/.exec(text ?? '');
  return match === null ? null : ratio(Number(match[1]), Number(match[2]));
}

/** `cpu.cfs_quota_us` and `cpu.cfs_period_us` of cgroup v1; a quota of -1 is none. */
export function parseV1(quota: string | null, period: string | null): number | null {
  if (quota === null || period === null) return null;
  return ratio(Number.parseInt(quota, 10), Number.parseInt(period, 10));
}

function ratio(quota: number, period: number): number | null {
  return quota > 0 && period > 0 ? quota / period : null;
}

export interface CgroupMount {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Path inside the hierarchy that is mounted; `/` unless the container sees only its own part. */
  readonly root: string;
}

/** The mounts that can hold a CPU quota, from /proc/self/mountinfo: `36 35 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`. */
export function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): readonly CgroupMount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, mountPoint] = left.split(' ');
    const [type, , superOptions = ''] = right.split(' ');
    if (root === undefined || mountPoint === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, mountPoint, root }];
    return type === 'cgroup' && superOptions.split(',').includes('cpu') ? [{ version: 1, mountPoint, root }] : [];
  });
}

/** The own path from /proc/self/cgroup: `0::/a` (v2), `4:cpu,cpuacct:/a` (v1); null when the hierarchy is not there. */
export function parseCgroupPath(membership: string, version: 1 | 2): string | null {
  for (const line of membership.split('\n')) {
    const [, id, controllers = '', path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (version === 2 ? id === '0' && controllers === '' : controllers.split(',').includes('cpu')) return path;
  }
  return null;
}

// In a container the mount shows a part of the hierarchy (root) while the path may count from the top of it.
function relativeTo(root: string, path: string): string {
  if (root === '/' || root === path) return root === path ? '/' : path;
  return path.startsWith(`${root}/`) ? path.slice(root.length) : '/';
}

function ancestors(mountPoint: string, path: string): readonly string[] {
  const directories = [mountPoint];
  // `..` appears in cgroup namespaces when the process is outside of the visible part; then only the mount is looked at.
  if (path.includes('..')) return directories;
  let directory = mountPoint;
  for (const segment of path.split('/').filter((part) => part !== '')) {
    directory = posix.join(directory, segment);
    directories.push(directory);
  }
  return directories;
}

function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
