// {application}, {profile} and {label} in locations, search paths and uris.

export interface PlaceholderValues {
  readonly application: string;
  readonly profile: string;
  readonly label: string;
}

const PLACEHOLDER = /\{(application|profile|label)\}/g;

export function hasPlaceholders(template: string): boolean {
  return template.search(PLACEHOLDER) !== -1;
}

/** In one pass: braces inside a value are never looked at again. Unknown names stay. */
export function replacePlaceholders(template: string, values: PlaceholderValues): string {
  return template.replace(PLACEHOLDER, (_whole, name: keyof PlaceholderValues) => values[name]);
}

/** Every requested profile (outer loop) with every requested application. (compatibility document 3.6, 3.8) */
export function expansions(template: string, profiles: readonly string[], applications: readonly string[], label: string): string[] {
  return profiles.flatMap((profile) => applications.map((application) => replacePlaceholders(template, { application, profile, label })));
}
