// What the url of a database says, and whether it says what an option is for.

export type SqlAddress =
  | { readonly engine: 'postgres' | 'mysql'; readonly host: string; readonly port: number; readonly database: string }
  /** As written, absolute or not. */
  | { readonly engine: 'sqlite'; readonly path: string };

const engines: ReadonlyMap<string, { readonly engine: 'postgres' | 'mysql'; readonly port: number }> = new Map([
  ['postgres:', { engine: 'postgres', port: 5432 }],
  ['postgresql:', { engine: 'postgres', port: 5432 }],
  ['mysql:', { engine: 'mysql', port: 3306 }],
  ['mariadb:', { engine: 'mysql', port: 3306 }],
]);

/** A text in words when the url cannot be used. Never repeats the url, which may hold a password. */
export function parseSqlUrl(text: string): SqlAddress | string {
  if (text.startsWith('sqlite:')) return { engine: 'sqlite', path: text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') };
  const url = URL.canParse(text) ? new URL(text) : null;
  const known = url === null ? undefined : engines.get(url.protocol);
  if (url === null || known === undefined) return 'it is no url of a database';
  if (url.username !== '' || url.password !== '') return 'a user name or password in the url would be logged; use username and password';
  if (url.search !== '' || url.hash !== '') return 'parameters of the url are not read; each has an option of its own (tls, caFile, connectTimeout, …)';
  const database = decoded(url.pathname.slice(1));
  if (url.hostname === '' || database === null || database === '' || database.includes('/'))
    return 'it needs a host and one database, as postgres://host:5432/database';
  return { engine: known.engine, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? known.port : Number(url.port), database };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
