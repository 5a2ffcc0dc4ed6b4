// The JSON schema of the settings file, made from the options.
import { byteSizePattern } from '../base/byteSize.ts';
import { durationPattern } from '../base/duration.ts';
import { isOption, type Option, type OptionGroup } from './option.ts';
import { kebabCase } from './optionNames.ts';
import { defaultText, remarks } from './optionText.ts';
import { options } from './options.ts';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Draft 2020-12. It knows types, bounds and names; how options must fit each other is checked by the server alone. */
export function settingsSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of Vortex Config',
    ...groupSchema(options, ['null', 'object'], '#'),
  };
}

function groupSchema(group: OptionGroup, type: readonly string[], pointer: string): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, entry] of Object.entries(group)) {
    const own = `${pointer}/properties/${name}`;
    properties[name] = isOption(entry) ? optionSchema(entry, own) : groupSchema(entry, ['null', 'object'], own);
    if (isOption(entry) && entry.required === true) required.push(name);
    const kebab = kebabCase(name);
    if (kebab !== name) properties[kebab] = { $ref: own };
  }
  return { type, properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

function optionSchema(option: Option, pointer: string): JsonSchema {
  const hasPlainDefault = option.derived === null && option.required !== true && isPlain(option.default);
  const shownDefault = option.type.kind === 'duration' || option.type.kind === 'bytes' ? defaultText(option) : option.default;
  return { description: remarks(option), ...(hasPlainDefault ? { default: shownDefault } : {}), ...typeSchema(option, pointer) };
}

function isPlain(value: unknown): boolean {
  return value !== null && !(value instanceof Map);
}

// A text may be written as any scalar: `version: 1.10` is the text 1.10.
const scalar = ['string', 'number', 'boolean'];

function typeSchema(option: Option, pointer: string): JsonSchema {
  const type = option.type;
  const nullable = option.default === null ? ['null'] : [];
  switch (type.kind) {
    case 'string':
      return { type: [...scalar, ...nullable], ...(type.rule === null ? {} : { pattern: type.rule.regex.source }) };
    case 'secret':
      // the chart refuses it in values, and editors mask it
      return { type: [...scalar, ...nullable], writeOnly: true };
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: type.choices };
    case 'integer':
      return { type: 'integer', minimum: type.min, maximum: type.max };
    case 'fraction':
      return { type: 'number', minimum: type.min, maximum: type.max };
    case 'duration':
      return { type: 'string', pattern: durationPattern };
    case 'bytes':
      return {
        anyOf: [
          { type: 'integer', minimum: type.min, maximum: type.max },
          { type: 'string', pattern: byteSizePattern },
        ],
      };
    case 'list':
      return listSchema(type.min);
    case 'map':
      return { type: ['object', 'null'] };
    case 'named':
      return {
        type: ['object', 'null'],
        propertyNames: { pattern: '^\\S+$' },
        additionalProperties: groupSchema(type.fields, ['object'], `${pointer}/additionalProperties`),
      };
    case 'entries':
      return {
        type: ['array', 'null'],
        items: { oneOf: Object.entries(type.variants).map(([name, fields], index) => variantSchema(name, fields, `${pointer}/items/oneOf/${index}`)) },
      };
  }
}

function variantSchema(name: string, fields: OptionGroup, pointer: string): JsonSchema {
  const { properties, required, ...rest } = groupSchema(fields, ['object'], pointer);
  const typed = ['type', ...(Array.isArray(required) ? (required as readonly string[]) : [])];
  return { ...rest, properties: { type: { const: name }, ...(properties as JsonSchema) }, required: typed };
}

function listSchema(min: number): JsonSchema {
  const items = { type: scalar, pattern: '\\S' };
  const none = min === 0 ? ['null'] : [];
  return {
    anyOf: [
      { type: 'array', items, minItems: min },
      { type: [...scalar, ...none], ...(min === 0 ? {} : { pattern: '\\S' }) },
    ],
  };
}
