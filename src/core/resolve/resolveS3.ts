// The S3 backend: property sources from objects by their names, and plain-text files below the label.
import type { ResolutionOptions, S3Backend } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';
import { FILE_PROBES_MAX } from '../../model/limits.ts';
import type { BackendAnswer, ResourceLocations } from './backendAnswer.ts';
import { commaList } from './commaList.ts';
import { labelList } from './labels.ts';
import { checkout, type Checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { S3SourceList } from './s3SourceList.ts';

/** Of the settings, and no setting here. (compatibility document 0.3) */
const SHARED_NAME = 'application';
/** Objects looked for per label, profile and application: four extensions, with the profile and without. */
const PROBES_EACH = 8;

/**
 * The first profile has the highest precedence, unlike in all other backends; of names and labels the last. Fails with
 * BUCKET_UNAVAILABLE, CONTENT_INVALID, LIMIT_EXCEEDED. (compatibility document 2.2, 2.3, 6.4)
 */
export function resolveS3(backend: S3Backend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): BackendAnswer {
  const applications = applicationsOf(target.name);
  const profiles = [...new Set(commaList(target.profiles))];
  const label = labelOf(backend, target, options);
  const labels = label === '' ? [''] : labelList(label).reverse();
  if (labels.length * profiles.length * applications.length * PROBES_EACH > FILE_PROBES_MAX) {
    throw new Failure('LIMIT_EXCEEDED', `the request looks for more than ${FILE_PROBES_MAX} objects`);
  }
  const checkouts = labels.flatMap((each) => checkoutLabel(context, backend, each) ?? []);
  const list = new S3SourceList(context, { useDirectoryLayout: backend.useDirectoryLayout, overrides: options.overrides });
  for (const source of checkouts) {
    for (const profile of profiles) for (const application of applications) list.addProfileObjects(source, application, profile);
  }
  for (const source of checkouts) {
    for (const profile of profiles) for (const application of applications) list.addBaseObjects(source, application, profile);
    for (const application of applications) list.addExpressionDocuments(source, application, profiles);
  }
  return { version: list.version, state: null, sources: list.sources };
}

/** The label is not split here: a list is a directory that does not exist. (compatibility document 6.4, 6.11) */
export function s3ResourceLocations(
  backend: S3Backend,
  target: ResolveTarget,
  options: ResolutionOptions,
  context: ResolveContext,
): readonly ResourceLocations[] {
  const label = labelOf(backend, target, options);
  const source = checkoutLabel(context, backend, label);
  return source === null ? [] : [{ source, locations: [{ text: `s3://${label}`, directory: '', hasScheme: true }] }];
}

/** '' without one: the names have no prefix then. */
function labelOf(backend: S3Backend, target: ResolveTarget, options: ResolutionOptions): string {
  return target.label ?? options.defaultLabel ?? backend.defaultLabel ?? '';
}

function applicationsOf(name: string): readonly string[] {
  const names = commaList(name.replaceAll(' ', ''))
    .filter((element) => element !== '')
    .reverse();
  return [...new Set(names.includes(SHARED_NAME) ? names : [...names, SHARED_NAME])];
}

/** null: nothing has this prefix, which is no failure. */
function checkoutLabel(context: ResolveContext, backend: S3Backend, label: string): Checkout | null {
  try {
    return checkout(context, backend.repository, label);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'LABEL_UNKNOWN') return null;
    throw new Failure('BUCKET_UNAVAILABLE', error.message, { cause: error });
  }
}
