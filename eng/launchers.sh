#!/usr/bin/env bash
# Writes bin/NAME for each program, so that it can be started from any folder without knowing where the build leaves it.
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}

# launcher NAME PROJECT: the program NAME that PROJECT builds.
launcher() {
  local program="artifacts/standins/bin/$2/${configuration,,}/$1"
  if [[ ! -x $program ]]; then
    echo "launchers: expected $program after the build, but it is not there" >&2
    exit 1
  fi
  cat >"bin/$1" <<EOF
#!/bin/sh
exec "\$(dirname "\$(readlink -f "\$0")")/../$program" "\$@"
EOF
  chmod +x "bin/$1"
}

mkdir -p bin
launcher dylora DyLoraMoe.Trainer
launcher dylora-operator DyLoraMoe.Operator
launcher dylora-router DyLoraMoe.Router
