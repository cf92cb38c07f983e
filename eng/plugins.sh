#!/usr/bin/env bash
# Publishes kubectl-dylora as one file that needs no .NET, packed with the script by which kubectl completes it, for every kind of machine.
# usage: eng/plugins.sh VERSION FOLDER [RUNTIME...]
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 folder=$2
shift 2
(($#)) || set -- linux-x64 linux-arm64 osx-x64 osx-arm64 win-x64 win-arm64

mkdir -p "$folder"
for runtime in "$@"; do
  out=artifacts/plugins/$runtime
  rm -rf "$out"
  dotnet publish src/DyLoraMoe.Kubectl --configuration Release --runtime "$runtime" --self-contained \
    -p:PublishSingleFile=true -p:DebugType=none -p:Torch=none -p:Version="$version" --output "$out"
  tar -C "$out" -czf "$folder/kubectl-dylora-$version-$runtime.tar.gz" $(cd "$out" && ls -d kubectl-dylora kubectl-dylora.exe kubectl_complete-dylora 2>/dev/null)
done
