// What happens to answers whose source was not confirmed within its limit, and how one cell tells it to the workers.
//
//   0        confirmed within the limit, or nothing to tell
//   even     twice the seconds since it was confirmed: serve, and say the age
//   odd      the same and one: serve with a warning
//   negative minus the seconds: refuse

/**
 * - serve: with `x-vortex-stale`.
 * - warn: with `warning: 110` too.
 * - refuse: 503.
 */
export const stalePolicies = ['serve', 'warn', 'refuse'] as const;
export type StalePolicy = (typeof stalePolicies)[number];

const secondsMax = 0x3fff_ffff;

/** `seconds` 0 is fresh, whatever the policy. */
export function stalenessCell(seconds: number, policy: StalePolicy): number {
  const whole = Math.min(secondsMax, Math.floor(seconds));
  if (whole === 0) return 0;
  return policy === 'refuse' ? -whole : 2 * whole + (policy === 'warn' ? 1 : 0);
}

export function staleSecondsOf(cell: number): number {
  return cell < 0 ? -cell : cell >> 1;
}

export function isWarned(cell: number): boolean {
  return cell > 0 && (cell & 1) === 1;
}

export function isRefused(cell: number): boolean {
  return cell < 0;
}
