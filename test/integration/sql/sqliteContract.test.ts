// The contract of sources, for a table of an SQLite file.
import { testSourceContract } from '../../contract/sourceContract.ts';
import { SqlWorld } from '../../fixtures/sql/sqlWorld.ts';

testSourceContract('sqlite', () => SqlWorld.openFile());
