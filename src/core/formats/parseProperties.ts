// Reads a .properties file into documents, the way Spring Boot does.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { ConfigDocument } from '../../model/document.ts';
import type { Property } from '../../model/value.ts';
import { PropertiesReader } from './propertiesReader.ts';
import { SizeBudget } from './sizeBudget.ts';

const space = 0x20;
const numberSign = 0x23;
const exclamationMark = 0x21;
const hyphen = 0x2d;
const comma = 0x2c;
const equalsSign = 0x3d;
const colon = 0x3a;

/** Every value is a string. Documents without an entry are left out. (compatibility document 3.5, 4.1) */
export function parseProperties(path: string, bytes: Uint8Array, limits: ResolutionLimits): readonly ConfigDocument[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const reader = new PropertiesReader(path, text);
  const budget = new SizeBudget(path, limits);
  const documents: Map<string, Property>[] = [];
  let document = new Map<string, Property>();
  /** Sign of the comment on the line before; null where there is none. */
  let commentSign: number | null = null;
  while (reader.read()) {
    const sign = reader.code;
    if (sign !== numberSign && sign !== exclamationMark) {
      commentSign = null;
      readEntry(reader, document, budget);
    } else if (commentSign !== sign && isMarkerLine(reader)) {
      if (document.size > 0) documents.push(document);
      document = new Map();
    } else {
      // A comment behind a marker takes the split back.
      if (document.size === 0) document = documents.pop() ?? document;
      commentSign = sign;
      reader.skipRestOfLine();
    }
  }
  if (document.size > 0) documents.push(document);
  return documents.map((properties) => ({ properties }));
}

/** `#---` or `!---` in the first column and nothing but blanks behind it; reads on as far as it has to. */
function isMarkerLine(reader: PropertiesReader): boolean {
  let isMarker = reader.column === 0;
  for (let i = 0; i < 3 && isMarker; i += 1) {
    reader.read();
    isMarker = reader.code === hyphen;
  }
  if (!reader.isEndOfLine()) {
    reader.read();
    reader.skipBlanks();
  }
  return isMarker && reader.isEndOfLine();
}

function readEntry(reader: PropertiesReader, document: Map<string, Property>, budget: SizeBudget): void {
  const key = readKey(reader);
  if (!key.endsWith('[]')) {
    put(document, key, readValue(reader, false), budget);
    return;
  }
  const prefix = key.slice(0, -2);
  let index = 0;
  do {
    put(document, `${prefix}[${index}]`, readValue(reader, true), budget);
    index += 1;
    if (!reader.isEndOfLine()) reader.read();
  } while (!reader.isEndOfLine());
}

/** An entry without key is ignored. */
function put(document: Map<string, Property>, key: string, property: Property, budget: SizeBudget): void {
  if (key === '') return;
  budget.spendKey(key);
  document.set(key, property);
}

/** Ends at a separator, which it passes, or at the first character behind a blank. */
function readKey(reader: PropertiesReader): string {
  let key = '';
  let isBehindBlank = false;
  while (!reader.isEndOfLine()) {
    if (!reader.isEscaped && (reader.code === equalsSign || reader.code === colon)) {
      reader.read();
      break;
    }
    if (!reader.isBlank() && isBehindBlank) break;
    isBehindBlank = reader.isBlank();
    key += String.fromCharCode(reader.code);
    reader.read();
  }
  return javaTrim(key);
}

function readValue(reader: PropertiesReader, isElement: boolean): Property {
  while (reader.isBlank()) reader.read();
  const origin = reader.origin();
  let value = '';
  while (!reader.isEndOfLine()) {
    if (isElement && !reader.isEscaped && reader.code === comma) break;
    value += String.fromCharCode(reader.code);
    reader.read();
  }
  return { value, origin };
}

/** Java's String.trim: everything up to U+0020. A regular expression would need quadratic time for many blanks. */
function javaTrim(text: string): string {
  let start = 0;
  let stop = text.length;
  while (start < stop && text.charCodeAt(start) <= space) start += 1;
  while (stop > start && text.charCodeAt(stop - 1) <= space) stop -= 1;
  return text.slice(start, stop);
}
