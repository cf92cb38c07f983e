#!/usr/bin/env bash
# Writes a release into the chart and into config: its version, the registry of its images, and where its runbook is read.
# usage: eng/stamp.sh VERSION REGISTRY RUNBOOK      for instance eng/stamp.sh 1.2.3 ghcr.io/acme https://github.com/acme/dylora/blob/v1.2.3/docs/operations/runbook.md
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 registry=$2 runbook=$3

# replace FILE PATTERN REPLACEMENT: of whole lines; that there is none is an error.
replace() {
  grep -Eq "^$2\$" "$1" || { echo "stamp: expected a line '$2' in $1" >&2; exit 1; }
  sed -Ei "s#^$2\$#$3#" "$1"
}

replace charts/dylora-moe/Chart.yaml 'version: .*' "version: $version"
replace charts/dylora-moe/Chart.yaml 'appVersion: .*' "appVersion: \"$version\""
replace charts/dylora-moe/values.yaml '  imageRegistry: ""' "  imageRegistry: $registry"
replace charts/dylora-moe/values.yaml '    runbookUrl: ""' "    runbookUrl: $runbook"

replace kustomization.yaml '  - name: dylora-operator' "  - name: $registry/dylora-operator"
replace kustomization.yaml '    newTag: .*' "    newTag: $version"
replace config/manager/deployment.yaml '          image: dylora-operator:.*' "          image: $registry/dylora-operator:$version"
replace config/manager/deployment.yaml '              value: dylora-runtime:.*' "              value: $registry/dylora-runtime:$version"
awk -v runbook="$runbook" '{ print } /- alert: / { alert = tolower($3) } /^ +annotations:$/ { sub(/annotations:/, "  runbook_url: " runbook "#" alert); print }' \
  config/monitoring/rules.yaml >config/monitoring/rules.yaml.new
mv config/monitoring/rules.yaml.new config/monitoring/rules.yaml
