// Which routes a request path has the shape of, whatever the method: the route table of the API.
import type { RouteTemplate } from '../../model/routes.ts';
import { flatTarget, holdsFormatSuffix } from './flatTarget.ts';

export type ConfigRoute = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7' | 'R8';
export type EncryptionRoute = 'R9' | 'R10' | 'R11' | 'R12';

export interface RouteShape {
  readonly route: ConfigRoute | EncryptionRoute;
  readonly method: 'GET' | 'POST';
  /** For metrics and logs. */
  readonly template: RouteTemplate;
}

/**
 * `rawSegments` are the raw segments without matrix parameters. In order of precedence: literal segments first.
 * (compatibility document 1.1, 1.2)
 */
export function routeShapes(rawSegments: readonly string[], options: { readonly hasResources: boolean; readonly useDefaultLabel: boolean }): RouteShape[] {
  const shapes = encryptionShapes(rawSegments);
  const config = configShape(rawSegments, options);
  if (config !== null) shapes.push(config);
  return shapes;
}

function encryptionShapes(rawSegments: readonly string[]): RouteShape[] {
  const [first, second] = rawSegments;
  const shapes: RouteShape[] = [];
  if (first === 'encrypt' && rawSegments.length === 2 && second === 'status') {
    shapes.push({ route: 'R11', method: 'GET', template: '/encrypt/status' });
  }
  const withVariables = rawSegments.length === 3 && !rawSegments.includes('');
  if (rawSegments.length !== 1 && !withVariables) return shapes;
  const variables = withVariables ? '/{name}/{profiles}' : '';
  if (first === 'encrypt') shapes.push({ route: 'R9', method: 'POST', template: `/encrypt${variables}` });
  if (first === 'decrypt') shapes.push({ route: 'R10', method: 'POST', template: `/decrypt${variables}` });
  if (first === 'key') shapes.push({ route: 'R12', method: 'GET', template: `/key${variables}` });
  return shapes;
}

function configShape(rawSegments: readonly string[], options: { readonly hasResources: boolean; readonly useDefaultLabel: boolean }): RouteShape | null {
  const [first = '', second = '', third = ''] = rawSegments;
  if (rawSegments.length === 1) return flatShape(first, '');
  if (first === '' || second === '') return null;
  if (rawSegments.length === 2) {
    if (!holdsFormatSuffix(second)) return { route: 'R1', method: 'GET', template: '/{name}/{profiles}' };
    return flatShape(second, '/{label}');
  }
  if (third === '') return null;
  if (rawSegments.length === 3) {
    if (options.hasResources && options.useDefaultLabel) return { route: 'R8', method: 'GET', template: '/{name}/{profile}/{path}' };
    return { route: 'R2', method: 'GET', template: '/{name}/{profiles}/{label}' };
  }
  return options.hasResources ? { route: 'R7', method: 'GET', template: '/{name}/{profile}/{label}/**' } : null;
}

function flatShape(rawSegment: string, labelPart: '' | '/{label}'): RouteShape | null {
  const target = flatTarget(rawSegment);
  if (target === null) return null;
  const route = labelPart !== '' ? 'R6' : target.format === 'properties' ? 'R3' : target.format === 'yml' ? 'R4' : 'R5';
  return { route, method: 'GET', template: `${labelPart}/{name}-{profiles}.${target.extension}` };
}
