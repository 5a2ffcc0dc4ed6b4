// The base names of the files of a request, ascending precedence.
import { Failure } from '../../model/failure.ts';
import { commaList } from './commaList.ts';

/** The shared name `application` is always first, hence lowest. Fails with NAME_WILDCARD. (compatibility document 3.1.1) */
export function applicationNames(name: string): string[] {
  if (name.includes('*')) throw new Failure('NAME_WILDCARD', `the name ${JSON.stringify(name)} holds a *`);
  const names = commaList(name)
    .map((element) => element.trim())
    .filter((element) => element !== '');
  return [...new Set(['application', ...names])];
}
