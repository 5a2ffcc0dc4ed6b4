// The matrix of values that the chart is rendered with, by the name of its golden file.
import type { ChartCase } from './chartTools.ts';

const operator = ['monitoring.coreos.com/v1/ServiceMonitor', 'monitoring.coreos.com/v1/PrometheusRule'];

export const chartCases: Readonly<Record<string, ChartCase>> = {
  default: {},
  operator: { apiVersions: operator },
  'kubernetes-1.25': { kubeVersion: '1.25.0' },
  git: {
    values: {
      image: {
        registry: 'registry.example.com',
        digest: 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
        pullSecrets: [{ name: 'registry' }],
      },
      vortex: {
        server: { prefix: '/platform', drain: { propagationDelay: '1500ms', spread: '1m', timeout: '1m30s' }, limits: { treeBytesMax: 1_073_741_824 } },
        backends: {
          git: {
            uri: 'ssh://git@git.example.com/config.git',
            'search-paths': ['{application}'],
            repos: { payments: { uri: 'https://git.example.com/p.git', pattern: 'pay-*' } },
          },
        },
        logging: { level: 'debug', access: { sampleRate: 0.01 } },
      },
      secrets: [
        { setting: 'backends.git.privateKey', secretName: 'config-git', key: 'ssh-privatekey' },
        { setting: 'backends.git.knownHostsFile', secretName: 'config-git', key: 'known_hosts' },
        { setting: 'backends.git.repos.payments.token', secretName: 'payments', key: 'token' },
      ],
      ingress: {
        enabled: true,
        className: 'nginx',
        annotations: { 'example.com/a': 'b' },
        hosts: ['config.example.com', 'config.internal'],
        tls: [{ hosts: ['config.example.com'], secretName: 'config-tls' }],
        paths: { root: true },
      },
    },
  },
  composite: {
    values: {
      vortex: {
        config: { failOnCompositeError: false, overrides: { 'a.b': 'c' } },
        backends: {
          composite: [
            { type: 'git', uri: 'https://git.example.com/config.git' },
            { type: 'native', searchLocations: ['file:/files/'], order: -1 },
          ],
        },
      },
      secrets: [{ setting: 'backends.composite.0.token', secretName: 'git', key: 'token' }],
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraVolumes: [{ name: 'files', configMap: { name: 'files' } }],
      extraVolumeMounts: [{ name: 'files', mountPath: '/files', readOnly: true }],
    },
  },
  fixed: {
    values: {
      replicaCount: 3,
      autoscaling: { enabled: false },
      podDisruptionBudget: { maxUnavailable: '25%' },
      ingress: { enabled: true },
      preStopSeconds: 0,
      terminationGracePeriodSeconds: 60,
      serviceAccount: { create: false, name: 'other' },
      monitoring: { dashboard: { enabled: false } },
      fullnameOverride: 'vortex',
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      priorityClassName: 'high',
      probes: { port: 'management' },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } }],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } },
      },
    },
  },
  keda: {
    values: {
      keda: { enabled: true, serverAddress: 'http://prometheus.monitoring:9090', authenticationRef: { name: 'prometheus' } },
      autoscaling: { memoryUtilization: 0 },
    },
  },
  closed: {
    apiVersions: operator,
    values: {
      networkPolicy: {
        enabled: true,
        from: [{ namespaceSelector: {} }],
        managementFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 443, protocol: 'TCP' }] }],
      },
      monitoring: {
        serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, metricRelabelings: [{ action: 'labeldrop', regex: 'x' }] },
        prometheusRule: { enabled: false },
      },
      podAnnotations: { a: 'b' },
      podLabels: { team: 'platform' },
      service: { type: 'NodePort', annotations: { a: 'b' }, port: 80 },
    },
  },
};
