// Which variant of a slot an Accept header selects: two comparisons for what clients send, a bounded memory for the rest.
import { negotiate, type Negotiated } from '../core/http/negotiate.ts';
import { NEGOTIATIONS_MAX } from '../model/limits.ts';
import type { ContentEncoding, Representation } from '../model/request.ts';
import { acceptEncoding } from '../core/http/acceptEncoding.ts';

export type RequestKind = 'environment' | 'flat' | 'resource';

const V2_TYPE = 'application/vnd.spring-cloud.config-server.v2+json';

const environmentV1: Negotiated = { kind: 'ok', representation: { kind: 'v1' }, contentType: 'application/json' };
const environmentV2: Negotiated = { kind: 'ok', representation: { kind: 'v2' }, contentType: V2_TYPE };

/** One per worker. */
export class Negotiation {
  private readonly memory = new Map<string, Negotiated>();
  private readonly encodings = new Map<string, ContentEncoding>();
  private readonly hasResources: boolean;

  constructor(hasResources: boolean) {
    this.hasResources = hasResources;
  }

  /** R1 without a label (`label` false) and R2. `accept` is '' when absent. (compatibility document 1.3) */
  environment(accept: string, label: boolean): Negotiated {
    if (accept === V2_TYPE) return environmentV2;
    if (accept === '' || accept === '*/*' || accept === 'application/json') return environmentV1;
    return this.remembered(label ? 'R2' : 'R1', accept);
  }

  resource(accept: string): Negotiated {
    return this.remembered('resource', accept);
  }

  encoding(acceptEncodingHeader: string): ContentEncoding {
    let encoding = this.encodings.get(acceptEncodingHeader);
    if (encoding === undefined) {
      encoding = acceptEncoding(acceptEncodingHeader);
      if (this.encodings.size >= NEGOTIATIONS_MAX) this.encodings.clear();
      this.encodings.set(acceptEncodingHeader, encoding);
    }
    return encoding;
  }

  private remembered(kind: 'R1' | 'R2' | 'resource', accept: string): Negotiated {
    const key = `${kind} ${accept}`;
    let negotiated = this.memory.get(key);
    if (negotiated === undefined) {
      negotiated = negotiate(kind, accept, this.hasResources);
      if (this.memory.size >= NEGOTIATIONS_MAX) this.memory.clear();
      this.memory.set(key, negotiated);
    }
    return negotiated;
  }
}

/** The representation of a resource is asked for with the charset of Accept-Charset; null when absent. */
export function withCharset(representation: Representation, charset: string): Representation {
  return representation.kind === 'text' && charset !== '' ? { kind: 'text', charset } : representation;
}
