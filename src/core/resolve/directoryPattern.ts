// Wildcards in directory paths: `*` is part of one segment, `**` any number of segments; nothing else is special.

export function isPattern(path: string): boolean {
  return path.includes('*');
}

/** The directories that match, in the order given. The directory before a final `**` is not among them. (compatibility document 3.6, 3.8) */
export function matchingDirectories(pattern: string, directories: readonly string[]): string[] {
  const expression = patternExpression(pattern);
  return directories.filter((directory) => expression.test(directory));
}

function patternExpression(pattern: string): RegExp {
  const segments = pattern.split('/');
  let source = '';
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '**') source += last ? '.+' : '(?:[^/]+/)*';
    else source += segment.split(/\*+/).map(escaped).join('[^/]*') + (last ? '' : '/');
  });
  return new RegExp(`^${source}$`, 's');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
