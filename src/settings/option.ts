// What the declaration of one option holds, and the constructors that options.ts declares them with.
import type { Secret } from '../base/secret.ts';

/** A text must match `regex`; `says` completes "expected …". */
export interface TextRule {
  readonly regex: RegExp;
  readonly says: string;
}

/** Bounds are inclusive; durations in milliseconds, sizes in bytes. */
export type OptionType =
  | { readonly kind: 'string'; readonly rule: TextRule | null }
  | { readonly kind: 'secret' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'fraction'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'duration'; readonly min: number; readonly max: number }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'list'; readonly min: number }
  | { readonly kind: 'map' }
  | { readonly kind: 'named'; readonly fields: OptionGroup }
  | { readonly kind: 'entries'; readonly typeOption: Option; readonly variants: Readonly<Record<string, OptionGroup>> };

/** A list of entries; `typeOption` tells which of the variants an entry is. */
export type EntriesType = Kind<'entries'>;

/** What a default may depend on. */
export interface Platform {
  readonly isRoot: boolean;
  readonly homeDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A default that is computed; `says` stands in help and tables. */
export interface DerivedDefault {
  readonly derive: (platform: Platform) => string;
  readonly says: string;
}

interface OptionFacts {
  /** One line, a sentence. */
  readonly help: string;
  /** True when it changes what a client is answered. */
  readonly changesAnswers?: boolean;
  /** Every option needs a restart, unless it says how it changes at run time. */
  readonly atRunTime?: string;
  /** True when values may be confidential though they are no secrets by type; `--check` masks them. */
  readonly masked?: boolean;
  /** What an unset option (default null or empty) means; stands in help and tables. */
  readonly unsetMeans?: string;
  /** True when an entry of a `named` option is incomplete without it. */
  readonly required?: boolean;
}

export interface Option<Value = unknown, Type extends OptionType = OptionType> extends OptionFacts {
  readonly type: Type;
  readonly default: Value;
  readonly derived: DerivedDefault | null;
}

type Kind<Name extends OptionType['kind']> = Extract<OptionType, { readonly kind: Name }>;

export interface OptionGroup {
  readonly [name: string]: Option | OptionGroup;
}

/** The settings that a group of options makes. A duration `timeout` becomes `timeoutMs`, a number of milliseconds. */
export type SettingsOf<Group> = {
  readonly [Name in keyof Group as Group[Name] extends Option<number, Kind<'duration'>> ? `${Name & string}Ms` : Name]: Group[Name] extends Option<infer Value>
    ? Value
    : SettingsOf<Group[Name]>;
};

/** One entry of an `entries` option: its `type` tells which fields it has. */
export type EntryOf<Variants> = { readonly [Type in keyof Variants]: { readonly type: Type } & SettingsOf<Variants[Type]> }[keyof Variants];

export function isOption(entry: Option | OptionGroup): entry is Option {
  return typeof entry['help'] === 'string';
}

export function string<Value extends string | null>(
  fallback: Value,
  facts: OptionFacts & { readonly rule?: TextRule },
): Option<null extends Value ? string | null : string, Kind<'string'>> {
  return { ...facts, type: { kind: 'string', rule: facts.rule ?? null }, default: fallback as null extends Value ? string | null : string, derived: null };
}

export function derivedString(derived: DerivedDefault, facts: OptionFacts): Option<string, Kind<'string'>> {
  return { ...facts, type: { kind: 'string', rule: null }, default: '', derived };
}

export function secret(facts: OptionFacts): Option<Secret | null, Kind<'secret'>> {
  return { ...facts, type: { kind: 'secret' }, default: null, derived: null };
}

export function integer(fallback: number, min: number, max: number, facts: OptionFacts): Option<number, Kind<'integer'>> {
  return { ...facts, type: { kind: 'integer', min, max }, default: fallback, derived: null };
}

export function fraction(fallback: number, min: number, max: number, facts: OptionFacts): Option<number, Kind<'fraction'>> {
  return { ...facts, type: { kind: 'fraction', min, max }, default: fallback, derived: null };
}

export function boolean(fallback: boolean, facts: OptionFacts): Option<boolean, Kind<'boolean'>> {
  return { ...facts, type: { kind: 'boolean' }, default: fallback, derived: null };
}

/** All in milliseconds. */
export function duration(fallback: number, min: number, max: number, facts: OptionFacts): Option<number, Kind<'duration'>> {
  return { ...facts, type: { kind: 'duration', min, max }, default: fallback, derived: null };
}

export function bytes(fallback: number, min: number, max: number, facts: OptionFacts): Option<number, Kind<'bytes'>> {
  return { ...facts, type: { kind: 'bytes', min, max }, default: fallback, derived: null };
}

export function choice<const Choice extends string>(fallback: NoInfer<Choice>, choices: readonly Choice[], facts: OptionFacts): Option<Choice, Kind<'choice'>> {
  return { ...facts, type: { kind: 'choice', choices }, default: fallback, derived: null };
}

/** `min` is the least number of elements. */
export function list(fallback: readonly string[], min: number, facts: OptionFacts): Option<readonly string[], Kind<'list'>> {
  return { ...facts, type: { kind: 'list', min }, default: fallback, derived: null };
}

export function map(facts: OptionFacts): Option<ReadonlyMap<string, string>, Kind<'map'>> {
  return { ...facts, type: { kind: 'map' }, default: new Map(), derived: null };
}

/** Entries by name, in declaration order. */
export function named<const Fields extends OptionGroup>(fields: Fields, facts: OptionFacts): Option<ReadonlyMap<string, SettingsOf<Fields>>, Kind<'named'>> {
  return { ...facts, type: { kind: 'named', fields }, default: new Map(), derived: null };
}

/** A list of entries whose fields depend on their `type`. */
export function entries<const Variants extends Readonly<Record<string, OptionGroup>>>(
  variants: Variants,
  facts: OptionFacts,
): Option<readonly EntryOf<Variants>[], Kind<'entries'>> {
  const typeOption = choice('', Object.keys(variants), { help: 'What the entry is.', required: true });
  return { ...facts, type: { kind: 'entries', typeOption, variants }, default: [], derived: null };
}
