#!/usr/bin/env bash
# Builds the programs of the version before this one from the history of this clone, once, and prints the folder with its sources; images/ in it has the programs.
# It is the latest release before this commit or, as long as there is none, the first commit whose chart could be installed; DYLORA_PREVIOUS names another.
set -euo pipefail
cd "$(dirname "$0")/.."

first=12e79220f97985338ef7e79b2d09e37cc5051f65
named=${DYLORA_PREVIOUS:-$(git describe --tags --abbrev=0 --match 'v*' HEAD^ 2>/dev/null || echo "$first")}
if ! revision=$(git rev-parse --verify --quiet "$named^{commit}"); then
  echo "previous-version: expected the commit $named in this clone; get its history with git fetch --unshallow --tags" >&2
  exit 1
fi

folder=$PWD/artifacts/previous/$revision
if [[ ! -d $folder/images ]]; then
  mkdir -p "$folder"
  git archive "$revision" | tar -x -C "$folder"
  for project in Operator Trainer Router; do
    (cd "$folder" && dotnet build "src/DyLoraMoe.$project" --configuration Release --verbosity quiet >&2)
  done

  mkdir -p "$folder/images.new"
  for program in Operator/dylora-operator Trainer/dylora Router/dylora-router; do
    image=$folder/images.new/${program#*/}
    printf '#!/bin/sh\nexport DYLORA_MODELS="%s"\nexec "%s" "$@"\n' "$folder/models" "$folder/artifacts/standins/bin/DyLoraMoe.${program%/*}/release/${program#*/}" >"$image"
    chmod +x "$image"
  done
  mv "$folder/images.new" "$folder/images"
fi

echo "$folder"
