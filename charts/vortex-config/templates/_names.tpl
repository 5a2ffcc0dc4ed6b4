{{- define "vortex-config.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "vortex-config.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "vortex-config.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vortex-config.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vortex-config.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "vortex-config.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "vortex-config.metadata" -}}
name: {{ include "vortex-config.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "vortex-config.labels" . | nindent 2 }}
{{- end -}}

{{- define "vortex-config.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "vortex-config.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "vortex-config.image" -}}
{{- $image := .Values.image -}}
{{- if $image.registry }}{{ $image.registry }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{/* Whether objects of a kind that an operator brings are rendered: true, false, or auto, where the cluster has the kind. Arguments: context, enabled, kind. */}}
{{- define "vortex-config.isWanted" -}}
{{- if eq (toString .enabled) "auto" -}}
{{- if .context.Capabilities.APIVersions.Has .kind }}true{{ end -}}
{{- else if .enabled -}}true
{{- end -}}
{{- end -}}

{{/* The labels that a ServiceMonitor gives to every series of this release. */}}
{{- define "vortex-config.seriesSelector" -}}
namespace="{{ .Release.Namespace }}",job="{{ include "vortex-config.fullname" . }}"
{{- end -}}
