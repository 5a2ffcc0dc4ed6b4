// Sizes in settings.
import t from 'tap';
import { formatByteSize, parseByteSize } from '../../../src/base/byteSize.ts';

t.test('a size is read with binary and decimal units, and a bare number is bytes', async (t) => {
  for (const [text, bytes] of [
    ['0', 0],
    ['4096', 4_096],
    ['4096B', 4_096],
    ['16KiB', 16_384],
    ['32MiB', 33_554_432],
    ['1GiB', 1_073_741_824],
    ['10MB', 10_000_000],
    ['1GB', 1_000_000_000],
  ] as const) {
    t.equal(parseByteSize(text), bytes, text);
    t.equal(parseByteSize(formatByteSize(bytes)), bytes, `${text} there and back`);
  }
});

t.test('a size is written in the largest binary unit that leaves no fraction', async (t) => {
  t.equal(formatByteSize(16_384), '16KiB');
  t.equal(formatByteSize(1_536), '1536B');
  t.equal(formatByteSize(3 * 1_024 ** 3), '3GiB');
});

t.test('what is no size is refused', async (t) => {
  for (const text of ['', '-1', '1.5MiB', '1 MiB', 'MiB', '1mib', '1TB', '9007199254740993KiB']) t.equal(parseByteSize(text), null, text);
});
