// The exit of last resort: ends the process although threads hold sockets (primary only).

/**
 * Kills this process, uncatchably. process.exit() is no way out while a worker holds uWS sockets: Node stops the threads, and libuv
 * aborts on their open handles. SIGKILL ends it at once; the kernel ignores it when the process is init of its container (PID 1),
 * and then abort() does it. Log before: nothing after this runs. The exit status is never 0.
 */
export function hardExit(): never {
  process.kill(process.pid, 'SIGKILL');
  process.abort();
}
