{{- define "itsme-bridge.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "itsme-bridge.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "itsme-bridge.name" .) .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "itsme-bridge.name" .) | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "itsme-bridge.labels" -}}
{{ include "itsme-bridge.anything" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | quote }}
{{- end }}

{{- /* What all pods of this release have in common. */ -}}
{{- define "itsme-bridge.anything" -}}
app.kubernetes.io/name: {{ include "itsme-bridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* What the pods that serve have in common, and no other has. */ -}}
{{- define "itsme-bridge.serving" -}}
{{ include "itsme-bridge.anything" . }}
app.kubernetes.io/component: bridge
{{- end }}

{{- define "itsme-bridge.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "itsme-bridge.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "itsme-bridge.fullname" .) }}
{{- end }}

{{- /* The port of host:port. */ -}}
{{- define "itsme-bridge.port" -}}
{{ regexFind "[0-9]+$" . }}
{{- end }}

{{- /* A time such as 1m30s or 2d, as seconds, rounded up. Called with (list TEXT KEY). */ -}}
{{- define "itsme-bridge.seconds" -}}
{{- $text := index . 0 | toString -}}
{{- if not (regexMatch "^(0|([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h|d))+)$" $text) -}}
{{- fail (printf "config.%s is %q: write a time such as 30s or 5m, since terminationGracePeriodSeconds is made of it" (index . 1) $text) -}}
{{- end -}}
{{- $units := dict "ns" 1e-9 "us" 1e-6 "µs" 1e-6 "ms" 1e-3 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+[a-zµ]+" $text -1 -}}
{{- $sum = addf $sum (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-zµ]+" .))) -}}
{{- end -}}
{{ $sum | ceil | int64 }}
{{- end }}

{{- /*
How long a pod may take to end: what the bridge waits for itself, one after the other (load balancers that notice, requests that
have begun, an answer of CM that is on its way), and a little more. The defaults are those of config.yaml.
*/ -}}
{{- define "itsme-bridge.grace" -}}
{{- $timeouts := .Values.config.timeouts | default dict -}}
{{- $sum := 5 -}}
{{- range list
  (list (dig "drain_delay" "5s" $timeouts) "timeouts.drain_delay")
  (list (dig "drain" "25s" $timeouts) "timeouts.drain")
  (list (dig "status_timeout" "30s" (.Values.config.itsme | default dict)) "itsme.status_timeout")
  (list (dig "lease" "15s" (.Values.config.lifetimes | default dict)) "lifetimes.lease") -}}
{{- $sum = add $sum (include "itsme-bridge.seconds" . | int64) -}}
{{- end -}}
{{ $sum }}
{{- end }}

{{- /* 90 % of a quantity of memory, in bytes. */ -}}
{{- define "itsme-bridge.memory" -}}
{{- $factor := get (dict "" 1 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824) (regexFind "[A-Za-z]*$" .) -}}
{{- div (mul (regexFind "^[0-9]+" . | int64) $factor 9) 10 -}}
{{- end }}

{{- define "itsme-bridge.issuer.host" -}}
{{ (urlParse (toString .Values.config.issuer)).hostname }}
{{- end }}

{{- /* The path of the issuer, without / at its end; empty for none. */ -}}
{{- define "itsme-bridge.issuer.path" -}}
{{ (urlParse (toString .Values.config.issuer)).path | trimSuffix "/" }}
{{- end }}

{{- define "itsme-bridge.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities: {drop: [ALL]}
{{- end }}

{{- define "itsme-bridge.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532 # who reads the Secrets
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "itsme-bridge.volumes" -}}
- name: config
  configMap: {name: {{ include "itsme-bridge.fullname" . }}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range .Values.secrets }}
      - secret:
          name: {{ .name }}
          {{- with .items }}
          items: {{ toJson . }}
          {{- end }}
      {{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "itsme-bridge.volumeMounts" -}}
- {name: config, mountPath: /etc/itsme-bridge, readOnly: true}
- {name: secrets, mountPath: /run/secrets/itsme-bridge, readOnly: true}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}
