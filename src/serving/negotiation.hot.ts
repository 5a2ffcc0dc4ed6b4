// Which variant a request selects on the read path: comparisons with what clients send; anything else takes the slow path.
import { acceptEncoding } from '../core/http/acceptEncoding.ts';
import { NEGOTIATIONS_MAX } from '../model/limits.ts';
import type { ContentEncoding } from '../model/request.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';

const V1 = variantOf('v1', 'identity');
const V2 = variantOf('v2', 'identity');

/** The variant of an environment, or -1 when the header needs a parser. `accept` is '' when absent. */
export function environmentVariant(accept: string): number {
  // What every Spring client asks for.
  if (accept === 'application/vnd.spring-cloud.config-server.v2+json') return V2;
  return accept === '' || accept === '*/*' || accept === 'application/json' ? V1 : -1;
}

/** Remembers what Accept-Encoding headers mean: there are few, and parsing one costs more than the answer. One per worker. */
export class EncodingNegotiation {
  private readonly memory = new Map<string, ContentEncoding>();

  encoding(header: string): ContentEncoding {
    const known = this.memory.get(header);
    if (known !== undefined) return known;
    if (this.memory.size >= NEGOTIATIONS_MAX) this.memory.clear();
    const encoding = acceptEncoding(header);
    this.memory.set(header, encoding);
    return encoding;
  }
}
