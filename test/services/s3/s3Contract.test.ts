// The source contract with S3: without labels, and with a label as the prefix of the keys.
import { testSourceContract, type SourceWorld } from '../../contract/sourceContract.ts';
import { S3Fixture, withS3Server } from './s3Fixture.ts';

await withS3Server((server) => {
  for (const label of ['', 'release/v1']) {
    const prefix = label === '' ? '' : `${label}/`;
    testSourceContract(label === '' ? 's3 without labels' : 's3 with a label', async (): Promise<SourceWorld> => {
      const fixture = await S3Fixture.create(server);
      return {
        label,
        hasLabels: true,
        hasRoot: true,
        treePath: (path) => path,
        put: (files) => server.replace(fixture.bucket, Object.fromEntries(Object.entries(files).map(([path, content]) => [prefix + path, content]))),
        breakRemote: async () => fixture.proxy.setFault('denied'),
        repair: async () => fixture.proxy.setFault('none'),
        source: () => fixture.source({ firstLabels: [''] }),
        close: () => fixture.close(),
      };
    });
  }
});
