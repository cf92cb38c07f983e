{{/* Name of everything that is made. */}}
{{- define "dylora.name" -}}
{{- default "dylora-operator" .Values.fullnameOverride -}}
{{- end -}}

{{/* Name of the operator's account. */}}
{{- define "dylora.account" -}}
{{- default (include "dylora.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The namespace that work is done in when it is a single one, or where the release itself is. */}}
{{- define "dylora.home" -}}
{{- if eq .Values.scope "namespace" -}}
{{- default .Release.Namespace .Values.watchNamespace -}}
{{- else -}}
{{- .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{/* A query of the operator's metrics that asks for this release's alone, from a list of the root and the query: other namespaces may have operators too. */}}
{{- define "dylora.ownSeries" -}}
{{- $own := printf "namespace=%q" (first .).Release.Namespace -}}
{{- $selected := regexReplaceAll `\b(dylora_[a-z_]+)\{` (last .) (printf "${1}{%s," $own) -}}
{{- regexReplaceAll `\b(dylora_[a-z_]+)([^a-z_{]|$)` $selected (printf "${1}{%s}${2}" $own) -}}
{{- end -}}

{{/* The label by which pods of the operator are found; it never changes for a release. */}}
{{- define "dylora.selector" -}}
app.kubernetes.io/name: {{ include "dylora.name" . | quote }}
{{- end -}}

{{/* One table from a list of them, for a key may stand in a manifest only once; what comes later wins. */}}
{{- define "dylora.merged" -}}
{{- $merged := dict -}}
{{- range . -}}
{{- range $key, $value := . -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $merged -}}
{{- end -}}

{{/* A text as the value of a label: versions may have a + and any length. */}}
{{- define "dylora.labelValue" -}}
{{- regexReplaceAll "[-_.]+$" (. | replace "+" "_" | trunc 63) "" | quote -}}
{{- end -}}

{{- define "dylora.usualLabels" -}}
{{ include "dylora.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ include "dylora.labelValue" .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "dylora.labelValue" (printf "%s-%s" .Chart.Name .Chart.Version) }}
{{- end -}}

{{- define "dylora.labels" -}}
{{- include "dylora.labelsWith" (list . dict) -}}
{{- end -}}

{{/* The labels of one object, from a list of the root and those that it has besides, which win. */}}
{{- define "dylora.labelsWith" -}}
{{- $root := first . -}}
{{- include "dylora.merged" (list $root.Values.commonLabels (include "dylora.usualLabels" $root | fromYaml) (last .)) -}}
{{- end -}}

{{/* Labels of the operator's pods; the selector's is never another. */}}
{{- define "dylora.podLabels" -}}
{{- include "dylora.merged" (list .Values.commonLabels (dict "app.kubernetes.io/instance" .Release.Name) .Values.operator.podLabels (include "dylora.selector" . | fromYaml)) -}}
{{- end -}}

{{- define "dylora.podAnnotations" -}}
{{- $usual := dict "kubectl.kubernetes.io/default-container" "operator" -}}
{{- if .Values.metrics.scrapeAnnotations -}}
{{- $usual = merge $usual (dict "prometheus.io/scrape" "true" "prometheus.io/port" (.Values.metrics.port | int | toString)) -}}
{{- end -}}
{{- include "dylora.merged" (list $usual .Values.operator.podAnnotations) -}}
{{- end -}}

{{/* A reference to an image, from a dict of image, global and appVersion. */}}
{{- define "dylora.image" -}}
{{- $registry := coalesce .image.registry .global.imageRegistry | default "" -}}
{{- $name := ternary .image.repository (printf "%s/%s" (trimSuffix "/" $registry) .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .appVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "dylora.operatorImage" -}}
{{- include "dylora.image" (dict "image" .Values.operator.image "global" .Values.global "appVersion" .Chart.AppVersion) -}}
{{- end -}}

{{- define "dylora.runtimeImage" -}}
{{- include "dylora.image" (dict "image" .Values.runtime.image "global" .Values.global "appVersion" .Chart.AppVersion) -}}
{{- end -}}

{{/* Secrets for pulling images, as a pod names them. */}}
{{- define "dylora.pullSecrets" -}}
{{- range .Values.global.imagePullSecrets }}
- name: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* What the restricted pod security standard asks of a container, and a root file system that is not written to. */}}
{{- define "dylora.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "dylora.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.operator.runAsUser }}
runAsUser: {{ . | int64 }}
{{- end }}
{{- with .Values.operator.runAsGroup }}
runAsGroup: {{ . | int64 }}
fsGroup: {{ . | int64 }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Values that fit the schema one by one but not together. */}}
{{- define "dylora.check" -}}
{{- if has "latest" (list .Values.operator.image.tag .Values.runtime.image.tag) -}}
{{- fail "a tag is latest: name a version, or nodes run whatever they have and a roll back changes nothing" -}}
{{- end -}}
{{- if and (not .Values.operator.leaderElection) (gt (int .Values.operator.replicas) 1) -}}
{{- fail "operator.leaderElection is false: operator.replicas must be 0 or 1, or two replicas would work at once" -}}
{{- end -}}
{{- if and .Values.watchNamespace (ne .Values.scope "namespace") -}}
{{- fail "watchNamespace is set: scope must be namespace" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled is true: metrics.service.enabled must be true as well" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.apiServerPorts) -}}
{{- fail "networkPolicy.apiServerPorts is empty: name the ports of the API server, or the rule for them would open every port" -}}
{{- end -}}
{{- if and .Values.networkPolicy.workloads (not .Values.networkPolicy.enabled) -}}
{{- fail "networkPolicy.workloads is true: networkPolicy.enabled must be true as well, or nothing would be closed" -}}
{{- end -}}
{{- if and .Values.networkPolicy.workloadNamespaces (ne .Values.scope "cluster") -}}
{{- fail "networkPolicy.workloadNamespaces is set: leave it out with scope namespace, whose jobs and routers are in the watched one" -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.create is false: serviceAccount.name must name an account that exists" -}}
{{- end -}}
{{- if and .Values.backbone.create .Values.crds.install (not (.Capabilities.APIVersions.Has "dylora.dev/v1alpha1/Backbone")) -}}
{{- fail "backbone.create is true, but the cluster does not know the kind Backbone yet, and Helm cannot install both at once: install without it first, then run helm upgrade with it" -}}
{{- end -}}
{{- end -}}
