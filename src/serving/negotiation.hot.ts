// Which variant a request selects on the read path: comparisons with what clients send; anything else takes the slow path.
import { acceptEncoding } from '../core/http/acceptEncoding.ts';
import { NEGOTIATIONS_MAX } from '../model/limits.ts';
import type { ContentEncoding } from '../model/request.ts';

export const V1_TYPE = 'application/json';
/** What every Spring client asks for. */
export const V2_TYPE = 'application/vnd.spring-cloud.config-server.v2+json';

/** The content type of an environment, or '' when the header needs a parser. `accept` is '' when absent. */
export function environmentType(accept: string): string {
  if (accept === V2_TYPE) return V2_TYPE;
  return accept === '' || accept === '*/*' || accept === V1_TYPE ? V1_TYPE : '';
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
