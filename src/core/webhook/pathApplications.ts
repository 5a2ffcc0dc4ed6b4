// Which applications changed paths concern: the file's name, and what is left of it at each hyphen. (compatibility document 7)
import { WEBHOOK_APPLICATIONS_MAX, WEBHOOK_FILE_NAME_MAX } from '../../model/limits.ts';

const sharedStem = 'application';

/** In first-seen order; `*` stands for all. What is beyond the limits is left out: it only tells the sender less. */
export function pathApplications(paths: readonly string[]): readonly string[] {
  const applications = new Set<string>();
  for (const path of paths) {
    const name = fileName(path);
    if (name.length > WEBHOOK_FILE_NAME_MAX) continue;
    for (let stem: string | null = withoutExtension(name); stem !== null; stem = shorter(stem)) {
      applications.add(stem === sharedStem ? '*' : stem);
      if (applications.size >= WEBHOOK_APPLICATIONS_MAX) return [...applications];
    }
  }
  return [...applications];
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? name : name.slice(0, dot);
}

function shorter(stem: string): string | null {
  const hyphen = stem.lastIndexOf('-');
  return hyphen === -1 ? null : stem.slice(0, hyphen);
}
