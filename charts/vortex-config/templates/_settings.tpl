{{/* Milliseconds of a duration as the server reads it: 500ms, 30s, 1m30s, 2h. Arguments: name, text. */}}
{{- define "vortex-config.milliseconds" -}}
{{- if not (regexMatch "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$" .text) -}}
{{- fail (printf "%s: %q is no duration such as 5s, 1m30s or 500ms" .name .text) -}}
{{- end -}}
{{- $units := dict "d" 86400000 "h" 3600000 "m" 60000 "s" 1000 "ms" 1 -}}
{{- $total := 0 -}}
{{- range regexFindAll "[0-9]+(ms|[dhms])" .text -1 -}}
{{- $total = add $total (mul (regexFind "[0-9]+" . | int64) (get $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $total -}}
{{- end -}}

{{/* Bytes of a size of the settings (64MiB, 10MB, 4096) or of a Kubernetes quantity (256Mi, 1G). Arguments: name, size. */}}
{{- define "vortex-config.bytes" -}}
{{- $text := .size -}}
{{- if not (kindIs "string" $text) -}}{{- $text = printf "%d" (int64 $text) -}}{{- end -}}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" $text -}}
{{- $unit := trimPrefix $number $text | trimSuffix "B" | lower -}}
{{- $units := dict "" 1 "k" 1000 "m" 1000000 "g" 1000000000 "t" 1000000000000 "ki" 1024 "mi" 1048576 "gi" 1073741824 "ti" 1099511627776 -}}
{{- if or (eq $number "") (not (hasKey $units $unit)) -}}
{{- fail (printf "%s: %q is no size such as 256Mi" .name $text) -}}
{{- end -}}
{{- mulf (float64 $number) (get $units $unit) | int64 -}}
{{- end -}}

{{- define "vortex-config.preStopSeconds" -}}
{{- if semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version -}}
0
{{- else if kindIs "invalid" .Values.preStopSeconds -}}
{{- $delay := include "vortex-config.milliseconds" (dict "name" "vortex.server.drain.propagationDelay" "text" .Values.vortex.server.drain.propagationDelay) | int64 -}}
{{- div (add $delay 999) 1000 -}}
{{- else -}}
{{- int .Values.preStopSeconds -}}
{{- end -}}
{{- end -}}

{{- define "vortex-config.drainSeconds" -}}
{{- $timeout := include "vortex-config.milliseconds" (dict "name" "vortex.server.drain.timeout" "text" .Values.vortex.server.drain.timeout) | int64 -}}
{{- add (include "vortex-config.preStopSeconds" . | int64) (div (add $timeout 999) 1000) -}}
{{- end -}}

{{- define "vortex-config.graceSeconds" -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- add (include "vortex-config.drainSeconds" . | int64) 5 -}}
{{- else -}}
{{- int .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}

{{/* The variable of a setting: backends.git.privateKey is VORTEX_BACKENDS_GIT_PRIVATE_KEY_FILE, as the server makes it. */}}
{{- define "vortex-config.fileVariable" -}}
{{- $snake := regexReplaceAll "([a-z0-9])([A-Z])" . "${1}_${2}" -}}
{{- $name := printf "VORTEX_%s" (regexReplaceAll "[^A-Za-z0-9]" $snake "_" | upper) -}}
{{- $name }}{{ if not (hasSuffix "_FILE" $name) }}_FILE{{ end -}}
{{- end -}}

{{/* What the schema cannot say: how values must fit each other. Everything that is wrong is said at once. */}}
{{- define "vortex-config.check" -}}
{{- $problems := list -}}
{{- $server := .Values.vortex.server -}}
{{- $drain := $server.drain -}}
{{- $delay := include "vortex-config.milliseconds" (dict "name" "vortex.server.drain.propagationDelay" "text" $drain.propagationDelay) | int64 -}}
{{- $spread := include "vortex-config.milliseconds" (dict "name" "vortex.server.drain.spread" "text" $drain.spread) | int64 -}}
{{- $timeout := include "vortex-config.milliseconds" (dict "name" "vortex.server.drain.timeout" "text" $drain.timeout) | int64 -}}
{{- if gt (add $delay $spread 1000) $timeout -}}
{{- $problems = append $problems (printf "vortex.server.drain: propagationDelay %s + spread %s + 1s is longer than timeout %s" $drain.propagationDelay $drain.spread $drain.timeout) -}}
{{- end -}}
{{- $needed := add (include "vortex-config.drainSeconds" . | int64) 1 -}}
{{- if lt (include "vortex-config.graceSeconds" . | int64) $needed -}}
{{- $problems = append $problems (printf "terminationGracePeriodSeconds %s is shorter than the drain: %s s of preStop + vortex.server.drain.timeout %s + 1 s = %d s" (include "vortex-config.graceSeconds" .) (include "vortex-config.preStopSeconds" .) $drain.timeout $needed) -}}
{{- end -}}
{{- if eq (int $server.port) (int .Values.vortex.management.port) -}}
{{- $problems = append $problems (printf "vortex.server.port and vortex.management.port are both %d" (int $server.port)) -}}
{{- end -}}
{{- if or (eq (int $server.port) 0) (eq (int .Values.vortex.management.port) 0) -}}
{{- $problems = append $problems "vortex.server.port and vortex.management.port must be fixed ports: a Service points at them" -}}
{{- end -}}
{{- if eq (int .Values.service.port) (int .Values.service.managementPort) -}}
{{- $problems = append $problems (printf "service.port and service.managementPort are both %d" (int .Values.service.port)) -}}
{{- end -}}
{{- with ((.Values.resources).limits).memory -}}
{{- $limit := include "vortex-config.bytes" (dict "name" "resources.limits.memory" "size" .) | int64 -}}
{{- $cache := include "vortex-config.bytes" (dict "name" "vortex.cache.maxBytes" "size" $.Values.vortex.cache.maxBytes) | int64 -}}
{{- $answers := int64 $.Values.vortex.cache.maxCapacity -}}
{{- $need := add 146800640 (mul $answers 28672) (mul 2 $cache) -}}
{{- if gt $need $limit -}}
{{- $problems = append $problems (printf "resources.limits.memory %v is too little: 140 MiB, 28 KiB for each of %d answers (vortex.cache.maxCapacity) and twice vortex.cache.maxBytes %v are %d MiB" . $answers $.Values.vortex.cache.maxBytes (div (add $need 1048575) 1048576)) -}}
{{- end -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- $problems = append $problems (printf "autoscaling.minReplicas %d is more than autoscaling.maxReplicas %d" (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if and .Values.keda.enabled (not .Values.keda.serverAddress) -}}
{{- $problems = append $problems "keda.serverAddress is missing" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not .Values.keda.enabled) (not (or .Values.autoscaling.cpuUtilization .Values.autoscaling.memoryUtilization .Values.autoscaling.requestsPerSecond.enabled .Values.autoscaling.subscribers.enabled)) -}}
{{- $problems = append $problems "autoscaling has no metric: set one, or autoscaling.enabled to false" -}}
{{- end -}}
{{- if and .Values.keda.enabled (not (or .Values.autoscaling.requestsPerSecond.enabled .Values.autoscaling.subscribers.enabled)) -}}
{{- $problems = append $problems "keda asks Prometheus: enable autoscaling.requestsPerSecond or autoscaling.subscribers, or use the HPA" -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if regexMatch "^VORTEX_(SERVER_(PORT|DRAIN_.*)|MANAGEMENT_PORT|STORAGE_DIRECTORY|CACHE_MAX_(BYTES|CAPACITY))$" .name -}}
{{- $problems = append $problems (printf "extraEnv: %s must be set below vortex: the chart computes from it" .name) -}}
{{- end -}}
{{- end -}}
{{- $variables := list -}}
{{- range .Values.secrets -}}
{{- $variable := include "vortex-config.fileVariable" .setting -}}
{{- if has $variable $variables -}}
{{- $problems = append $problems (printf "secrets: %s is given twice" .setting) -}}
{{- end -}}
{{- $variables = append $variables $variable -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\nvalues do not fit each other:\n  %s" (join "\n  " $problems)) -}}
{{- end -}}
{{- end -}}
