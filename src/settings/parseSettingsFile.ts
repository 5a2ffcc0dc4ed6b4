// Reads the YAML of a settings file into nodes that know their line and column.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { Origin } from './origin.ts';
import type { Problem } from './problem.ts';
import type { RawEntry, RawNode } from './rawNode.ts';

/** `root` is null when the file is empty or no YAML. */
export interface ParsedSettingsFile {
  readonly root: RawNode | null;
  readonly problems: readonly Problem[];
}

// Aliases can repeat a part of the file without end; no settings need as much as this.
const depthMax = 32;
const nodesMax = 100_000;
const aliasesMax = 1_000;

/** YAML 1.2, one document. `file` is only used to say where something stands. */
export function parseSettingsFile(text: string, file: string): ParsedSettingsFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, version: '1.2', uniqueKeys: true, logLevel: 'error' });
  const originAt = (offset: number): Origin => {
    const { line, col } = lineCounter.linePos(offset);
    return { kind: 'file', file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = document.errors.map((error) => ({
    path: '',
    message: `not valid YAML: ${withoutSource(error.message)}`,
    origin: originAt(error.pos[0]),
  }));
  if (problems.length > 0 || document.contents === null) return { root: null, problems };
  const reader: Reader = { document, originAt, problems, nodes: 0, aliases: 0 };
  return { root: readNode(document.contents, originAt(0), 0, reader), problems };
}

interface Reader {
  readonly document: Document;
  readonly originAt: (offset: number) => Origin;
  readonly problems: Problem[];
  nodes: number;
  aliases: number;
}

function readNode(node: unknown, fallback: Origin, depth: number, reader: Reader): RawNode {
  const origin = originOf(node, fallback, reader);
  reader.nodes += 1;
  if (isAlias(node)) reader.aliases += 1;
  const excess = excessOf(depth, reader);
  if (excess !== null) {
    if (reader.problems.length === 0) reader.problems.push({ path: '', message: excess, origin });
    return { kind: 'mapping', entries: [], origin };
  }
  if (isAlias(node)) {
    const target = node.resolve(reader.document);
    if (target === undefined) reader.problems.push({ path: '', message: 'an alias without its anchor', origin });
    return readNode(target ?? null, origin, depth + 1, reader);
  }
  if (isMap(node)) return { kind: 'mapping', entries: node.items.map((pair) => readPair(pair, origin, depth, reader)), origin };
  if (isSeq(node)) return { kind: 'sequence', items: node.items.map((item) => readNode(item, origin, depth + 1, reader)), origin };
  if (isScalar(node)) {
    const value = node.value;
    const source = node.source ?? String(value);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', value, source, origin };
    if (value !== null) return { kind: 'scalar', value: source, source, origin };
  }
  return { kind: 'scalar', value: null, source: '', origin };
}

function excessOf(depth: number, reader: Reader): string | null {
  if (depth > depthMax) return `nested deeper than ${depthMax} levels`;
  if (reader.nodes > nodesMax) return `more than ${nodesMax} values`;
  return reader.aliases > aliasesMax ? `more than ${aliasesMax} aliases` : null;
}

function readPair(pair: Pair, fallback: Origin, depth: number, reader: Reader): RawEntry {
  const origin = originOf(pair.key, fallback, reader);
  const key = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : '';
  if (!isScalar(pair.key)) reader.problems.push({ path: '', message: 'a key must be a text', origin });
  return { key, origin, node: readNode(pair.value, origin, depth + 1, reader) };
}

function originOf(node: unknown, fallback: Origin, reader: Reader): Origin {
  const start = isRanged(node) ? node.range?.[0] : undefined;
  return start === undefined ? fallback : reader.originAt(start);
}

function isRanged(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
}

// The parser's messages may end in a quotation of the file, which may be part of a secret.
function withoutSource(message: string): string {
  return message.replace(/:? ["'`].*$/s, '').replace(/: .*$/s, '');
}
