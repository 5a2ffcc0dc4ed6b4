// Which type an entry of an `entries` option has: asked before the layers are read, because its fields depend on it.
import { segmentsKey, type Layer } from './assignment.ts';
import type { ListedOption } from './optionList.ts';
import type { Problem } from './problem.ts';
import { formatOrigin } from './origin.ts';

/** null when no layer says it, or says none that there is. */
export type TypeOfEntry = (entries: ListedOption, index: string) => string | null;

/** From the first of flags, variables and file that says it. */
export function entryTypes(
  file: Layer,
  environment: Readonly<Record<string, string | undefined>>,
  flags: readonly { readonly name: string; readonly text: string | null }[],
): TypeOfEntry {
  const inFile = new Map(file.assignments.map(({ segments, value }) => [segmentsKey(segments), value]));
  return ({ option, path, environmentName, segments }, index) => {
    const flag = flags.find(({ name }) => name === `--${path}.${index}.type`)?.text;
    const said = flag ?? environment[`${environmentName}_${index}_TYPE`] ?? inFile.get(segmentsKey([...segments, index, 'type']));
    const isKnown = typeof said === 'string' && option.type.kind === 'entries' && Object.hasOwn(option.type.variants, said);
    return isKnown ? said : null;
  };
}

/** An entry that one layer calls git and another native would mix the fields of both. */
export function changedTypes(layers: readonly Layer[], listed: readonly ListedOption[]): readonly Problem[] {
  const typeOptions = new Set(listed.flatMap(({ option }) => (option.type.kind === 'entries' ? [option.type.typeOption] : [])));
  const first = new Map<string, { readonly value: unknown; readonly from: string }>();
  return layers
    .flatMap(({ assignments }) => assignments.filter(({ option }) => typeOptions.has(option)))
    .flatMap(({ segments, value, origin }) => {
      const known = first.get(segmentsKey(segments));
      first.set(segmentsKey(segments), known ?? { value, from: formatOrigin(origin) });
      if (known === undefined || known.value === value) return [];
      return [{ path: segments.join('.'), message: `the entry is of type ${String(known.value)} already (${known.from})`, origin }];
    });
}
