// Reads and rewrites the symbol versions of a 64-bit little-endian ELF file: pure functions of its bytes.
//
//   .dynsym        one entry of 24 bytes per symbol; its name is an offset into .dynstr
//   .gnu.version   one number of 16 bits per symbol: the index of the version that it needs
//   .gnu.version_r per library the versions needed from it, each with its index and its flags

const sectionTypes = { dynamicSymbols: 11, versionNeeds: 0x6ffffffe, symbolVersions: 0x6fffffff };
const symbolBytes = 24;
const versionIndexMask = 0x7fff;
const weakFlag = 2;

/**
 * Points the undefined symbols of one version at twins of an older version, and marks the need of the newer one weak, so
 * that the loader accepts a C library without it. The twin's name is the tail of the symbol's own name in the string table.
 *
 * @param {Uint8Array} original left as it is
 * @param {{ library: string, newVersion: string, oldVersion: string, prefix: string, symbols: readonly string[] }} change
 *   `symbols` are the names, prefix included, that must be found, each exactly once and no others
 * @returns {Uint8Array} the new file, of the same length
 * @throws {Error} when the file is not what `change` describes
 */
export function retargetSymbols(original, change) {
  const bytes = Uint8Array.from(original);
  const view = new DataView(bytes.buffer);
  const sections = readSections(view);
  const symbols = sectionOfType(sections, sectionTypes.dynamicSymbols);
  const versions = sectionOfType(sections, sectionTypes.symbolVersions);
  const needs = sectionOfType(sections, sectionTypes.versionNeeds);
  const names = sections[symbols.link];
  if (names === undefined) throw new Error('the symbol table has no string table');

  const needed = readVersionNeeds(view, needs, sections);
  const from = findNeed(needed, change.library, change.newVersion);
  const to = findNeed(needed, change.library, change.oldVersion);

  /** @type {string[]} */
  const moved = [];
  for (let index = 0; index * symbolBytes < symbols.size; index++) {
    const versionAt = versions.offset + index * 2;
    if ((view.getUint16(versionAt, true) & versionIndexMask) !== from.index) continue;
    const symbolAt = symbols.offset + index * symbolBytes;
    const nameOffset = view.getUint32(symbolAt, true);
    const name = readString(view, names.offset + nameOffset);
    const isDefined = view.getUint16(symbolAt + 6, true) !== 0;
    if (isDefined || !name.startsWith(change.prefix)) throw new Error(`the symbol ${name} needs ${change.newVersion} too`);
    view.setUint32(symbolAt, nameOffset + change.prefix.length, true);
    view.setUint16(versionAt, to.index, true);
    moved.push(name);
  }
  const expected = [...change.symbols].sort().join(' ');
  const found = moved.sort().join(' ');
  if (found !== expected) throw new Error(`symbols of ${change.newVersion}: found "${found}", expected "${expected}"`);
  view.setUint16(from.flagsAt, view.getUint16(from.flagsAt, true) | weakFlag, true);
  return bytes;
}

/**
 * @param {DataView} view
 * @returns {{ type: number, link: number, offset: number, size: number, info: number }[]}
 */
function readSections(view) {
  const isElf64LittleEndian = view.byteLength > 64 && view.getUint32(0) === 0x7f454c46 && view.getUint16(4) === 0x0201;
  if (!isElf64LittleEndian) throw new Error('not a 64-bit little-endian ELF file');
  const tableOffset = Number(view.getBigUint64(0x28, true));
  const entryBytes = view.getUint16(0x3a, true);
  const count = view.getUint16(0x3c, true);
  return Array.from({ length: count }, (_, index) => {
    const at = tableOffset + index * entryBytes;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
    };
  });
}

/**
 * @param {ReturnType<typeof readSections>} sections
 * @param {number} type
 */
function sectionOfType(sections, type) {
  const section = sections.find((candidate) => candidate.type === type);
  if (section === undefined) throw new Error(`no section of type 0x${type.toString(16)}`);
  return section;
}

/**
 * @param {DataView} view
 * @param {ReturnType<typeof sectionOfType>} needs
 * @param {ReturnType<typeof readSections>} sections
 * @returns {{ library: string, version: string, index: number, flagsAt: number }[]}
 */
function readVersionNeeds(view, needs, sections) {
  const names = sections[needs.link];
  if (names === undefined) throw new Error('the version table has no string table');
  const found = [];
  let libraryAt = needs.offset;
  for (let libraryIndex = 0; libraryIndex < needs.info; libraryIndex++) {
    const versionCount = view.getUint16(libraryAt + 2, true);
    const library = readString(view, names.offset + view.getUint32(libraryAt + 4, true));
    let versionAt = libraryAt + view.getUint32(libraryAt + 8, true);
    for (let versionIndex = 0; versionIndex < versionCount; versionIndex++) {
      found.push({
        library,
        version: readString(view, names.offset + view.getUint32(versionAt + 8, true)),
        index: view.getUint16(versionAt + 6, true),
        flagsAt: versionAt + 4,
      });
      versionAt += view.getUint32(versionAt + 12, true);
    }
    libraryAt += view.getUint32(libraryAt + 12, true);
  }
  return found;
}

/**
 * @param {ReturnType<typeof readVersionNeeds>} needed
 * @param {string} library
 * @param {string} version
 */
function findNeed(needed, library, version) {
  const need = needed.find((candidate) => candidate.library === library && candidate.version === version);
  if (need === undefined) throw new Error(`the file needs no ${version} of ${library}`);
  return need;
}

/**
 * @param {DataView} view
 * @param {number} offset
 */
function readString(view, offset) {
  let text = '';
  for (let at = offset; view.getUint8(at) !== 0; at++) text += String.fromCharCode(view.getUint8(at));
  return text;
}
