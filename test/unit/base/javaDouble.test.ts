// The text form of doubles that every renderer and the YAML flattener share.
import t from 'tap';
import { javaDouble } from '../../../src/base/javaDouble.ts';

t.test('javaDouble writes decimal notation from a thousandth to ten million', async (t) => {
  t.equal(javaDouble(0.001), '0.001');
  t.equal(javaDouble(0.0123), '0.0123');
  t.equal(javaDouble(1), '1.0');
  t.equal(javaDouble(100), '100.0');
  t.equal(javaDouble(123456.789), '123456.789');
  t.equal(javaDouble(9_999_999), '9999999.0');
  t.equal(javaDouble(9_999_999.999), '9999999.999');
});

t.test('javaDouble writes scientific notation outside of it, with a digit after the point', async (t) => {
  t.equal(javaDouble(1e7), '1.0E7');
  t.equal(javaDouble(12_345_678.9), '1.23456789E7');
  t.equal(javaDouble(1e10), '1.0E10');
  t.equal(javaDouble(0.00099), '9.9E-4');
  t.equal(javaDouble(1e-5), '1.0E-5');
  t.equal(javaDouble(1e23), '1.0E23');
  t.equal(javaDouble(Number.MAX_VALUE), '1.7976931348623157E308');
});

t.test('javaDouble chooses between two digits where one would do', async (t) => {
  t.equal(javaDouble(Number.MIN_VALUE), '4.9E-324');
  t.equal(javaDouble(1e-323), '9.9E-324');
  t.equal(javaDouble(2e-323), '2.0E-323');
});

t.test('javaDouble keeps signs and names what is not finite', async (t) => {
  t.equal(javaDouble(0), '0.0');
  t.equal(javaDouble(-0), '-0.0');
  t.equal(javaDouble(-1.5), '-1.5');
  t.equal(javaDouble(-2.5e10), '-2.5E10');
  t.equal(javaDouble(Infinity), 'Infinity');
  t.equal(javaDouble(-Infinity), '-Infinity');
  t.equal(javaDouble(NaN), 'NaN');
});
