// Takes the prefixes of a deployment off a request path: server.prefix, and /config, which an Ingress uses.

export const INGRESS_PREFIX = '/config';

/**
 * The paths that a request may mean, most likely first; none when it lies outside server.prefix. `/config/app/dev` is
 * `/app/dev` first and only then the environment of an application called `config`, so that no name is shadowed.
 */
export function targetPaths(path: string, serverPrefix: string): readonly string[] {
  const own = serverPrefix === '' ? path : withoutPrefix(path, serverPrefix);
  const ingress = withoutPrefix(path, INGRESS_PREFIX);
  const ingressOwn = ingress === null || serverPrefix === '' ? ingress : (withoutPrefix(ingress, serverPrefix) ?? ingress);
  return [ingressOwn, own].filter((candidate) => candidate !== null);
}

function withoutPrefix(path: string, prefix: string): string | null {
  return path.startsWith(prefix) && path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : null;
}
