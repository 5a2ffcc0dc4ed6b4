// The last good epoch on disk: what a restart serves while every source is down. Written whole, fsynced, renamed.
// Its content is the msgpack of an envelope, the segment within; with keys for encrypted values it is sealed (epochSeal.ts).
import type { KeyObject } from 'node:crypto';
import { Packr } from 'msgpackr/pack';
import { readDigestFile, writeDigestFile } from './digestFile.ts';
import { openEpoch, sealEpoch } from './epochSeal.ts';
import { SegmentReader } from './segmentReader.ts';

const FILE_FORMAT = 1;

export interface StoredEpoch {
  readonly epoch: number;
  /** Of the settings that change answers: an epoch of other settings is not served. */
  readonly fingerprint: string;
  readonly savedAtMs: number;
  /** Which content it was made from, to know at the next start what changed meanwhile. */
  readonly labels: readonly { readonly repository: string; readonly label: string; readonly treeId: string }[];
  readonly slots: readonly (readonly [repository: string, slot: number])[];
  /** When each repository was last confirmed, for honest staleness after a restart. */
  readonly confirmedAtMs: readonly (readonly [repository: string, atMs: number])[];
  readonly segment: SharedArrayBuffer;
}

interface Envelope extends Omit<StoredEpoch, 'segment'> {
  readonly format: number;
  readonly segment: Uint8Array;
}

const packr = new Packr({ useRecords: false });

/** Rejects with the system's error (disk full, no permission); the file of before is then untouched. */
export async function writeEpochFile(path: string, stored: StoredEpoch, sealKey: KeyObject | null): Promise<void> {
  // Before anything is awaited: the memory of the segment may be overwritten when a later epoch is in use.
  const plain = packr.pack(envelopeOf(stored));
  const packed = sealKey === null ? plain : sealEpoch(plain, sealKey);
  await writeDigestFile(path, packed);
}

/** Without what lies unused behind the entries: remains of other epochs. */
function envelopeOf(stored: StoredEpoch): Envelope {
  const { usedBytes } = new SegmentReader(stored.segment);
  return { format: FILE_FORMAT, ...stored, segment: new Uint8Array(stored.segment, 0, usedBytes) };
}

/** null when there is none, it belongs to other settings, or it is damaged; `reason` says which for the log. */
export async function readEpochFile(
  path: string,
  fingerprint: string,
  sealKey: KeyObject | null,
): Promise<{ readonly stored: StoredEpoch | null; readonly reason: string }> {
  const packed = await readDigestFile(path);
  if (typeof packed === 'string') return { stored: null, reason: packed };
  try {
    const envelope = packr.unpack(sealKey === null ? packed : openEpoch(packed, sealKey)) as Envelope;
    if (envelope.format !== FILE_FORMAT) return { stored: null, reason: 'it has another format' };
    if (envelope.fingerprint !== fingerprint) return { stored: null, reason: 'it was made with other settings' };
    const segment = new SharedArrayBuffer(Math.ceil(envelope.segment.length / 4) * 4);
    new Uint8Array(segment).set(envelope.segment);
    const reader = new SegmentReader(segment);
    if (reader.entries > 0) reader.request(reader.entries - 1);
    return { stored: { ...envelope, segment }, reason: '' };
  } catch (error) {
    return { stored: null, reason: `it is damaged: ${error instanceof Error ? error.message : String(error)}` };
  }
}
