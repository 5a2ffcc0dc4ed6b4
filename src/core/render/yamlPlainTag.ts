// The type that a YAML 1.1 reader gives to a scalar without quotes and tag.

export type YamlTag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'binary' | 'timestamp' | 'merge' | 'yaml';

interface PlainForm {
  readonly tag: YamlTag;
  /** Characters that a text of this form can begin with: a cheap way to leave out most texts. */
  readonly first: string;
  readonly form: RegExp;
  /** A longer text has not this type, whatever it looks like. */
  readonly lengthMax: number;
}

const plainForms: readonly PlainForm[] = [
  { tag: 'bool', first: 'yYnNtTfFoO', lengthMax: 10, form: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/ },
  {
    tag: 'int',
    first: '-+0123456789',
    lengthMax: 1024,
    form: /^[-+]?(?:0b_*[01][01_]*|0_*[0-7][0-7_]*|0|[1-9][0-9_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  },
  {
    tag: 'float',
    first: '-+0123456789.',
    lengthMax: 1024,
    form: /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  },
  { tag: 'merge', first: '<', lengthMax: 10, form: /^<<$/ },
  { tag: 'null', first: '~nN', lengthMax: 10, form: /^(?:~|null|Null|NULL)$/ },
  {
    tag: 'timestamp',
    first: '0123456789',
    lengthMax: 50,
    form: /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)$/,
  },
  { tag: 'yaml', first: '!&*', lengthMax: 10, form: /^[!&*]$/ },
];

const formsByFirst = new Map<string, readonly PlainForm[]>();
for (const character of new Set(plainForms.flatMap(({ first }) => first.split('')))) {
  formsByFirst.set(
    character,
    plainForms.filter(({ first }) => first.includes(character)),
  );
}

/** (compatibility document 4.7) */
export function yamlPlainTag(text: string): YamlTag {
  if (text === '') return 'null';
  const forms = formsByFirst.get(text.charAt(0));
  return forms?.find(({ form, lengthMax }) => text.length <= lengthMax && form.test(text))?.tag ?? 'str';
}
