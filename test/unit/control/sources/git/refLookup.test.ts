// From a label to a commit.
import t from 'tap';
import { lookUpRef } from '../../../../../src/control/sources/git/refLookup.ts';

const refs = new Map([
  ['HEAD', 'h'],
  ['refs/heads/main', 'm'],
  ['refs/heads/same', 'branch'],
  ['refs/tags/same', 'tag'],
  ['refs/tags/v1', 't'],
  ['refs/heads/feature/x', 'f'],
  ['refs/heads/cafe', 'c'],
  ['refs/remotes/origin/far', 'r'],
]);

t.test('branches, then tags, then the branches of origin, then ids', async (test) => {
  const commits = { main: 'm', same: 'branch', v1: 't', 'feature/x': 'f', far: 'r', cafe: 'c', HEAD: 'h', 'refs/heads/main': 'm', 'refs/tags/same': 'tag' };
  for (const [label, commit] of Object.entries(commits)) test.same(lookUpRef(label, refs), { kind: 'commit', commit }, label);
  for (const label of ['abcd', 'ABCD', 'a'.repeat(40)]) test.same(lookUpRef(label, refs), { kind: 'id', id: label.toLowerCase() }, label);
  for (const label of ['', 'abc', 'a'.repeat(41), 'xyz0', 'main~1', 'heads/main', 'origin/far', 'head', '../main', 'ab cd', '\0'])
    test.same(lookUpRef(label, refs), { kind: 'none' }, label);
});
