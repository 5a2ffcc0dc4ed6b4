// One member of a composite from the content that it had before, when its present content is broken.
import type { Backend } from '../../model/backend.ts';
import type { ContentView, TreeLookup } from '../../model/contentView.ts';
import { Failure } from '../../model/failure.ts';
import { ContentPending } from './contentPending.ts';
import { isBrokenContent } from './brokenContent.ts';
import type { ResolveContext } from './resolveContext.ts';

export type MemberAttempt<T> = (backend: Backend, context: ResolveContext) => T;

export type MemberResult<T> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'failed'; readonly failure: Failure };

interface PendingResult {
  readonly kind: 'pending';
  readonly pending: ContentPending;
}

/**
 * The member's result. Broken content gives way to the content before it, also where another label or repository would answer in its
 * place; what was answered in that way before goes on to be. What is no Failure passes.
 */
export function memberResult<T>(backend: Backend, context: ResolveContext, attempt: MemberAttempt<T>): MemberResult<T> {
  const passedOver: Failure[] = [];
  const result = attempted(backend, { ...context, onPassedOver: (failure) => passedOver.push(failure) }, attempt);
  const cause = passedOver.find(isBrokenContent) ?? (result.kind === 'failed' && isBrokenContent(result.failure) ? result.failure : null);
  const former = cause === null ? null : fromFormer(backend, context, attempt, cause);
  if (former !== null) return former;
  for (const failure of passedOver) context.onPassedOver(failure);
  if (result.kind === 'pending') throw result.pending;
  return result;
}

function fromFormer<T>(backend: Backend, context: ResolveContext, attempt: MemberAttempt<T>, cause: Failure): MemberResult<T> | null {
  const view = new FormerView(context.view);
  let isWhole = true;
  const onPassedOver = (failure: Failure): void => {
    if (isBrokenContent(failure)) isWhole = false;
  };
  const result = attempted(backend, { ...context, view, onPassedOver }, attempt);
  if (result.kind !== 'value' || !isWhole || view.replaced.length === 0) return null;
  context.onStandIn(cause, view.replaced);
  return result;
}

function attempted<T>(backend: Backend, context: ResolveContext, attempt: MemberAttempt<T>): MemberResult<T> | PendingResult {
  try {
    return { kind: 'value', value: attempt(backend, context) };
  } catch (error) {
    // Another branch that would answer in place of broken content need not be loaded for that.
    if (error instanceof ContentPending) return { kind: 'pending', pending: error };
    if (!(error instanceof Failure)) throw error;
    return { kind: 'failed', failure: error };
  }
}

export interface ReplacedLabel {
  readonly repository: string;
  readonly label: string;
}

/** The former tree of each label that has one. */
class FormerView implements ContentView {
  readonly replaced: ReplacedLabel[] = [];
  private readonly inner: ContentView;

  constructor(inner: ContentView) {
    this.inner = inner;
  }

  lookup(repository: string, label: string): TreeLookup {
    const tree = this.inner.former(repository, label);
    if (tree === null) return this.inner.lookup(repository, label);
    this.replaced.push({ repository, label });
    return { kind: 'tree', tree };
  }

  former(repository: string, label: string): ReturnType<ContentView['former']> {
    return this.inner.former(repository, label);
  }
}
