// The frames of the push protocol, and their JSON text. README has the protocol; this is the only place that knows the fields.
import type { EntryChange, KeyChange, Version } from '../../model/push.ts';
import { readMergedBody } from './mergedBody.ts';

/** Whose configuration it is about: as it was asked for. */
export interface Subject {
  readonly application: string;
  readonly profile: string;
  readonly label: string | null;
}

export type Frame =
  /** Everything: nothing is known of what the subscriber has. `body` is a merged body. */
  | { readonly type: 'snapshot'; readonly subject: Subject; readonly version: Version; readonly staleSeconds: number; readonly body: string }
  /** The subscriber has this content already. */
  | { readonly type: 'current'; readonly subject: Subject; readonly version: Version; readonly staleSeconds: number }
  /** From one version to another. */
  | { readonly type: 'change'; readonly subject: Subject; readonly change: EntryChange }
  /** Too large to be pushed to everybody: ask for it, at a random moment within the delay. */
  | { readonly type: 'resync'; readonly subject: Subject; readonly version: Version; readonly delayMs: number }
  /** So that a subscriber that diverged finds out. */
  | { readonly type: 'heartbeat'; readonly subject: Subject; readonly version: Version; readonly staleSeconds: number }
  /** There is no configuration to push; the subscription stays and is told when there is one. */
  | { readonly type: 'unavailable'; readonly subject: Subject; readonly status: number; readonly message: string }
  /** The server is about to close the connection: come back after the delay. */
  | { readonly type: 'drain'; readonly reconnectDelayMs: number }
  /** A message of the subscriber was not understood or not allowed. */
  | { readonly type: 'error'; readonly code: string; readonly message: string };

export function frameJson(frame: Frame): string {
  const head = `{"type":"${frame.type}"`;
  switch (frame.type) {
    case 'snapshot':
      return `${head},${subjectJson(frame.subject)},${versionJson(frame.version)},"stale":${frame.staleSeconds},${contentJson(frame.body)}}`;
    case 'current':
    case 'heartbeat':
      return `${head},${subjectJson(frame.subject)},${versionJson(frame.version)},"stale":${frame.staleSeconds}}`;
    case 'resync':
      return `${head},${subjectJson(frame.subject)},${versionJson(frame.version)},"delayMs":${frame.delayMs}}`;
    case 'change':
      return `${head},${subjectJson(frame.subject)},${changeJson(frame.change)}}`;
    case 'unavailable':
      return `${head},${subjectJson(frame.subject)},"status":${frame.status},"message":${JSON.stringify(frame.message)}}`;
    case 'drain':
      return `${head},"reconnectDelayMs":${frame.reconnectDelayMs}}`;
    case 'error':
      return `${head},"code":${JSON.stringify(frame.code)},"message":${JSON.stringify(frame.message)}}`;
  }
}

function subjectJson({ application, profile, label }: Subject): string {
  return `"application":${JSON.stringify(application)},"profile":${JSON.stringify(profile)},"label":${JSON.stringify(label)}`;
}

function versionJson({ revision, hash }: Version): string {
  return `"revision":${JSON.stringify(revision)},"hash":${JSON.stringify(hash)}`;
}

function contentJson(body: string): string {
  const { properties, secrets } = readMergedBody(body);
  return `"properties":${properties}${secrets === '' ? '' : `,"secrets":${secrets}`}`;
}

function changeJson({ from, to, source, changes }: EntryChange): string {
  const part = (keep: (change: KeyChange) => boolean, text: (change: KeyChange) => string): string =>
    `{${changes
      .filter(keep)
      .map((change) => `${change[0]}:${text(change)}`)
      .join(',')}}`;
  const added = part(
    ([, old]) => old === null,
    ([, , now]) => now ?? '',
  );
  const changed = part(
    ([, old, now]) => old !== null && now !== null,
    ([, old, now]) => `{"from":${old},"to":${now}}`,
  );
  const removed = part(
    ([, , now]) => now === null,
    ([, old]) => old ?? '',
  );
  const secrets = changes.filter(([, , , isSecret]) => isSecret).map(([key]) => key);
  const versions = `"from":{${versionJson(from)}},${versionJson(to)}`;
  return `${versions},"source":${JSON.stringify(source)},"added":${added},"changed":${changed},"removed":${removed}${secrets.length === 0 ? '' : `,"secrets":[${secrets.join(',')}]`}`;
}
