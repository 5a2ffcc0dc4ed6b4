// The only list of route templates: what metrics call `path`, in the order of the compatibility document 1.1.

export const routeTemplates = [
  '/{name}/{profiles}',
  '/{name}/{profiles}/{label}',
  '/{name}-{profiles}.properties',
  '/{name}-{profiles}.yml',
  '/{name}-{profiles}.yaml',
  '/{name}-{profiles}.json',
  '/{label}/{name}-{profiles}.properties',
  '/{label}/{name}-{profiles}.yml',
  '/{label}/{name}-{profiles}.yaml',
  '/{label}/{name}-{profiles}.json',
  '/{name}/{profile}/{label}/**',
  '/{name}/{profile}/{path}',
  '/encrypt',
  '/encrypt/{name}/{profiles}',
  '/decrypt',
  '/decrypt/{name}/{profiles}',
  '/encrypt/status',
  '/key',
  '/key/{name}/{profiles}',
  '/ws/{name}/{profiles}',
  '/vortex/v1/events/{name}/{profiles}',
  '/vortex/v1/watch/{name}/{profiles}',
  '/monitor',
  /** /health and what lies below: left out of autoscaling. */
  'probe',
  /** /metrics: left out of autoscaling. */
  'metrics',
  /** No route: 404, 405, refused input. */
  'unmatched',
] as const;

export type RouteTemplate = (typeof routeTemplates)[number];
