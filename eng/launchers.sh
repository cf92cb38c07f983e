#!/usr/bin/env bash
# Writes bin/NAME for each program, so that it can be started from any folder without knowing where the build leaves it.
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}

# launcher NAME PROJECT [LINE]: the program NAME that PROJECT builds, with one more line before it.
launcher() {
  local program="artifacts/standins/bin/$2/${configuration,,}/$1"
  if [[ ! -x $program ]]; then
    echo "launchers: expected $program after the build, but it is not there" >&2
    exit 1
  fi
  cat >"bin/$1" <<EOF
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/..
export DYLORA_MODELS="\${DYLORA_MODELS:-\$root/models}"${3:+
$3}
exec "\$root/$program" "\$@"
EOF
  chmod +x "bin/$1"
}

mkdir -p bin
launcher dylora DyLoraMoe.Trainer
launcher dylora-operator DyLoraMoe.Operator
launcher kubectl-dylora DyLoraMoe.Kubectl
launcher dylora-router DyLoraMoe.Router
# This folder stands for the images that the operator starts when it is told no other.
launcher dylora-sandbox DyLoraMoe.Sandbox \
  'export DYLORA_SANDBOX_IMAGES="${DYLORA_SANDBOX_IMAGES:-dylora-runtime=$root/bin,dylora-operator=$root/bin}"'
# What kubectl's own completion asks for `kubectl dylora`.
cp src/DyLoraMoe.Kubectl/kubectl_complete-dylora bin/
