// What is remembered of deliveries, and that it is bounded.
import t from 'tap';
import { DeliveryMemory } from '../../../../src/control/webhook/deliveryMemory.ts';

const body = Buffer.from('{}');

t.test('an id is known per provider, the oldest are forgotten', async (t) => {
  const memory = new DeliveryMemory(3);
  const isNew = (id: string, provider: 'github' | 'gitea' = 'github'): boolean =>
    memory.isNew(provider, { [provider === 'github' ? 'x-github-delivery' : 'x-gitea-delivery']: id }, body, null);
  t.ok(isNew('1'));
  t.notOk(isNew('1'));
  t.ok(isNew('1', 'gitea'), 'another provider counts for itself');
  t.ok(isNew('2'));
  t.ok(isNew('3'));
  t.ok(isNew('1'), 'forgotten by now');
});

t.test('without an id and a signature every delivery is new', async (t) => {
  const memory = new DeliveryMemory(3);
  for (let count = 0; count < 3; count += 1) t.ok(memory.isNew('generic', {}, body, null));
});
