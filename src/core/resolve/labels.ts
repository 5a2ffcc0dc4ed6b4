// Default labels, label lists, and the fallback from main to master.
import { Failure } from '../../model/failure.ts';
import { commaList } from './commaList.ts';

const MAIN = 'main';
const MASTER = 'master';

export const NATIVE_DEFAULT_LABEL = 'master';
export const GIT_DEFAULT_LABEL = MAIN;
export const SQL_DEFAULT_LABEL = MASTER;

/** The labels of a Git request in request order, blank elements left out. (compatibility document 3.7) */
export function labelList(label: string): string[] {
  return commaList(label)
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/**
 * Any failure on the label `main` is followed by an attempt with `master`, whose failure counts then. What is no Failure passes.
 * (compatibility document 3.7)
 */
export function withMasterFallback<T>(label: string, tryMasterBranch: boolean, onPassedOver: (failure: Failure) => void, attempt: (label: string) => T): T {
  if (label !== MAIN || !tryMasterBranch) return attempt(label);
  try {
    return attempt(MAIN);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    onPassedOver(error);
    return attempt(MASTER);
  }
}
