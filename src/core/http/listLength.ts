// The bound on comma lists in a request: what a request costs grows with the product of their lengths.
import { REQUEST_LIST_ELEMENTS_MAX } from '../../model/limits.ts';
import { commaList } from '../resolve/commaList.ts';

export function isListTooLong(list: string): boolean {
  return commaList(list).length > REQUEST_LIST_ELEMENTS_MAX;
}
