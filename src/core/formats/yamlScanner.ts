// Splits the text of a YAML file into tokens by the rules of YAML 1.1 as SnakeYAML reads them.
import { scanBlockScalar } from './yamlBlockScalar.ts';
import { isGap, type Mark, nul, type YamlCursor } from './yamlCursor.ts';
import { scanPlainScalar } from './yamlPlainScalar.ts';
import { scanQuotedScalar } from './yamlQuotedScalar.ts';
import { scanAnchorName, scanDirective, scanTag } from './yamlTagScan.ts';
import type { Token, TokenKind } from './yamlToken.ts';

/** Only when the `:` comes is it known that what stands before it on the line is a key: a place to put the key token. */
interface KeyCandidate {
  readonly tokenNumber: number;
  readonly mark: Mark;
  readonly pointIndex: number;
  /** It is the first on its line of a block mapping, where nothing but a key may stand. */
  readonly isRequired: boolean;
}

/** A key without `?` lies on one line and has at most so many code points. */
const keyLengthMax = 1024;

/**
 * Tokens come one by one. Blocks have no written end: the scanner follows indentation and puts in start and end tokens.
 */
export class YamlScanner {
  readonly #cursor: YamlCursor;
  /** Tokens that wait, from #queueHead on. */
  #queue: Token[] = [];
  #queueHead = 0;
  #tokensTaken = 0;
  #isAtEnd = false;
  #flowLevel = 0;
  /** Column of the block that is open; -1 outside of all. */
  #indent = -1;
  readonly #outerIndents: number[] = [];
  /** True where a key without `?` may begin. */
  #isKeyAllowed = true;
  /** One for each flow level, the outermost first. */
  readonly #keyCandidates: (KeyCandidate | null)[] = [null];
  #keyCandidateCount = 0;

  constructor(cursor: YamlCursor) {
    this.#cursor = cursor;
    cursor.skipByteOrderMark();
  }

  /** The next token; the last one, `streamEnd`, for ever. */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#queue[this.#queueHead] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind === 'streamEnd') return token;
    this.#queueHead += 1;
    this.#tokensTaken += 1;
    if (this.#queueHead === this.#queue.length) {
      this.#queue = [];
      this.#queueHead = 0;
    }
    return token;
  }

  #needsMore(): boolean {
    if (this.#isAtEnd) return false;
    if (this.#queueHead === this.#queue.length) return true;
    if (this.#keyCandidateCount === 0) return false;
    this.#dropStaleCandidates();
    // The next token may still get a key token before it.
    for (const candidate of this.#keyCandidates) {
      if (candidate !== null) return candidate.tokenNumber === this.#tokensTaken;
    }
    return false;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#dropStaleCandidates();
    this.#closeBlocks(cursor.column);
    const code = cursor.peek();
    if (code === nul) return this.#fetchStreamEnd();
    if (cursor.column === 0) {
      if (code === 0x25) return this.#fetchDirective();
      if (code === 0x2d && cursor.isAtTriple(0x2d)) return this.#fetchDocumentMarker('documentStart');
      if (code === 0x2e && cursor.isAtTriple(0x2e)) return this.#fetchDocumentMarker('documentEnd');
    }
    switch (String.fromCharCode(code)) {
      case '[':
        return this.#fetchFlowStart('flowSequenceStart');
      case '{':
        return this.#fetchFlowStart('flowMappingStart');
      case ']':
        return this.#fetchFlowEnd('flowSequenceEnd');
      case '}':
        return this.#fetchFlowEnd('flowMappingEnd');
      case ',':
        return this.#fetchFlowEntry();
      case '-':
        if (isGap(cursor.peek(1))) return this.#fetchBlockEntry();
        break;
      case '?':
        if (this.#flowLevel > 0 || isGap(cursor.peek(1))) return this.#fetchKey();
        break;
      case ':':
        if (this.#flowLevel > 0 || isGap(cursor.peek(1))) return this.#fetchValue();
        break;
      case '*':
        return this.#fetchKeyPart(() => scanAnchorName(cursor, 'alias'));
      case '&':
        return this.#fetchKeyPart(() => scanAnchorName(cursor, 'anchor'));
      case '!':
        return this.#fetchKeyPart(() => scanTag(cursor));
      case '|':
      case '>':
        if (this.#flowLevel === 0) return this.#fetchBlockScalar(code);
        break;
      case "'":
      case '"':
        return this.#fetchKeyPart(() => scanQuotedScalar(cursor));
      default:
        break;
    }
    if (!this.#isPlainStart(code)) throw cursor.failure(`${cursor.describe()} cannot begin a value here`);
    this.#fetchPlain();
  }

  #isPlainStart(code: number): boolean {
    if (isGap(code)) return false;
    if ('-?:,[]{}#&*!|>\'"%@`'.includes(String.fromCharCode(code))) {
      return !isGap(this.#cursor.peek(1)) && (code === 0x2d || (this.#flowLevel === 0 && (code === 0x3f || code === 0x3a)));
    }
    return true;
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.skipBlanks();
      if (cursor.peek() === 0x23) cursor.skipToBreak();
      if (cursor.takeBreak() === '') return;
      if (this.#flowLevel === 0) this.#isKeyAllowed = true;
    }
  }

  #fetchStreamEnd(): void {
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    this.#keyCandidates.fill(null);
    this.#keyCandidateCount = 0;
    this.#pushHere('streamEnd', 0);
    this.#isAtEnd = true;
  }

  #fetchDirective(): void {
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    this.#queue.push(scanDirective(this.#cursor));
  }

  #fetchDocumentMarker(kind: TokenKind): void {
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    this.#pushHere(kind, 3);
  }

  #fetchFlowStart(kind: TokenKind): void {
    this.#saveCandidate();
    this.#flowLevel += 1;
    this.#keyCandidates.push(null);
    this.#isKeyAllowed = true;
    this.#pushHere(kind, 1);
  }

  #fetchFlowEnd(kind: TokenKind): void {
    if (this.#flowLevel === 0) throw this.#cursor.failure(`${this.#cursor.describe()} closes nothing`);
    this.#dropCandidate();
    this.#flowLevel -= 1;
    this.#keyCandidates.pop();
    this.#isKeyAllowed = false;
    this.#pushHere(kind, 1);
  }

  #fetchFlowEntry(): void {
    this.#isKeyAllowed = true;
    this.#dropCandidate();
    this.#pushHere('flowEntry', 1);
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) throw this.#cursor.failure('a list entry cannot begin here');
      this.#openBlock('blockSequenceStart', this.#cursor.mark(), this.#queue.length);
    }
    this.#isKeyAllowed = true;
    this.#dropCandidate();
    this.#pushHere('blockEntry', 1);
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) throw this.#cursor.failure('a key cannot begin here');
      this.#openBlock('blockMappingStart', this.#cursor.mark(), this.#queue.length);
    }
    this.#isKeyAllowed = this.#flowLevel === 0;
    this.#dropCandidate();
    this.#pushHere('key', 1);
  }

  #fetchValue(): void {
    const candidate = this.#keyCandidates[this.#flowLevel] ?? null;
    if (candidate === null) {
      if (this.#flowLevel === 0) {
        if (!this.#isKeyAllowed) throw this.#cursor.failure('a ":" cannot stand here; a value that holds one needs quotes');
        this.#openBlock('blockMappingStart', this.#cursor.mark(), this.#queue.length);
      }
      this.#isKeyAllowed = this.#flowLevel === 0;
    } else {
      this.#forgetCandidate(this.#flowLevel);
      const at = this.#queueHead + candidate.tokenNumber - this.#tokensTaken;
      this.#queue.splice(at, 0, makeToken('key', candidate.mark, candidate.mark));
      if (this.#flowLevel === 0) this.#openBlock('blockMappingStart', candidate.mark, at);
      this.#isKeyAllowed = false;
    }
    this.#pushHere('value', 1);
  }

  /** What may be a key or the beginning of one: scalars on one line, aliases, anchors and tags. */
  #fetchKeyPart(scan: () => Token): void {
    this.#saveCandidate();
    this.#isKeyAllowed = false;
    this.#queue.push(scan());
  }

  #fetchBlockScalar(style: number): void {
    this.#isKeyAllowed = true;
    this.#dropCandidate();
    this.#queue.push(scanBlockScalar(this.#cursor, style === 0x3e, this.#indent));
  }

  #fetchPlain(): void {
    this.#saveCandidate();
    const token = scanPlainScalar(this.#cursor, this.#indent, this.#flowLevel > 0);
    this.#queue.push(token);
    // The scan has gone on to the next line to see whether the scalar goes on there: a key may begin.
    this.#isKeyAllowed = this.#cursor.line !== token.end.line;
  }

  #pushHere(kind: TokenKind, length: number): void {
    const start = this.#cursor.mark();
    this.#cursor.skip(length);
    this.#queue.push(makeToken(kind, start, { line: start.line, column: start.column + length }));
  }

  #openBlock(kind: TokenKind, mark: Mark, at: number): void {
    if (this.#indent >= mark.column) return;
    this.#outerIndents.push(this.#indent);
    this.#indent = mark.column;
    this.#queue.splice(at, 0, makeToken(kind, mark, mark));
  }

  #closeBlocks(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#indent = this.#outerIndents.pop() ?? -1;
      this.#pushHere('blockEnd', 0);
    }
  }

  #saveCandidate(): void {
    if (!this.#isKeyAllowed) return;
    this.#dropCandidate();
    const mark = this.#cursor.mark();
    this.#keyCandidates[this.#flowLevel] = {
      tokenNumber: this.#tokensTaken + this.#queue.length - this.#queueHead,
      mark,
      pointIndex: this.#cursor.pointIndex,
      isRequired: this.#flowLevel === 0 && this.#indent === mark.column,
    };
    this.#keyCandidateCount += 1;
  }

  /** The candidate of this level is no key, since something else has begun. */
  #dropCandidate(): void {
    const candidate = this.#keyCandidates[this.#flowLevel] ?? null;
    if (candidate === null) return;
    if (candidate.isRequired) throw this.#cursor.failure('a ":" is missing behind this key', candidate.mark);
    this.#forgetCandidate(this.#flowLevel);
  }

  #dropStaleCandidates(): void {
    if (this.#keyCandidateCount === 0) return;
    const { line, pointIndex } = this.#cursor;
    for (let level = 0; level < this.#keyCandidates.length; level += 1) {
      const candidate = this.#keyCandidates[level] ?? null;
      if (candidate === null || (candidate.mark.line === line && pointIndex - candidate.pointIndex <= keyLengthMax)) continue;
      if (candidate.isRequired) throw this.#cursor.failure('a ":" is missing behind this key', candidate.mark);
      this.#forgetCandidate(level);
    }
  }

  #forgetCandidate(level: number): void {
    this.#keyCandidates[level] = null;
    this.#keyCandidateCount -= 1;
  }
}

function makeToken(kind: TokenKind, start: Mark, end: Mark): Token {
  return { kind, start, end, text: '', handle: null, isPlain: false };
}
