#!/usr/bin/env bash
# Makes sure that this machine can build and run the project, installs what is missing, and says what it installs.
# usage: eng/prerequisites.sh build | test | gate | bench      gate: test, and the files that only some tests read
set -euo pipefail

purpose=${1:-build}
missing=()

fail() {
  printf 'prerequisites: %s\n' "$@" >&2
  exit 1
}

# need PACKAGE PROBE...: the Debian package to install when the probe fails.
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}

have_header() {
  [[ -f /usr/include/$1 || -f /usr/local/include/$1 ]]
}

# The BLAS that programs on this machine load: the first libblas.so.3 that the dynamic linker knows, links resolved.
linked_blas() {
  local found
  found=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk '$1 == "libblas.so.3" { print $NF; exit }')
  [[ -n $found ]] && readlink -f "$found"
}

# The native part prefers OpenBLAS with OpenMP threads whatever the system's alternatives select (docs/decisions/0004).
have_fast_blas() {
  compgen -G '/usr/lib/*/openblas-openmp/libblas.so.3' || linked_blas | grep -iE 'mkl|blis'
}

install() {
  local as_root=()
  if ! command -v apt-get >/dev/null; then
    fail "This machine lacks what these Debian packages hold: ${missing[*]}" \
      "There is no apt-get here. Install their equivalents (or set LIBTORCH to an unpacked libtorch instead of libtorch-dev), then run make again."
  fi
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      fail "Missing packages, and no right to install them. As root, run:" "  apt-get install ${missing[*]}"
    fi
    as_root=(sudo)
  fi
  echo "prerequisites: installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install: ${missing[*]} (its output: $log)"
  fi
  rm -f "$log"
}

# Nothing installs these: they are no part of the repository.
if [[ $purpose == gate ]]; then
  shared=$(cd "$(dirname "$0")/../.." && pwd)/shared
  [[ -d $shared/data && -d $shared/fixtures ]] || {
    [[ ${DYLORA_SHARED:-} == none ]] && fate="are skipped" || fate="will fail"
    echo "Tests that read $shared/data or $shared/fixtures $fate, for these are not there: put the folder shared beside the clone (CONTRIBUTING.md says what is in it)." >&2
  }
  purpose=test
fi

if ! command -v dotnet >/dev/null; then
  fail "The .NET SDK 10 is missing: there is no dotnet on PATH." \
    "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 or as the package dotnet-sdk-10.0."
fi
if ! dotnet --list-sdks | grep -q '^10\.'; then
  fail "The .NET SDK 10 is missing. Found: $(dotnet --list-sdks | tr '\n' ' ')" \
    "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 or as the package dotnet-sdk-10.0."
fi

need cmake command -v cmake
need g++ command -v c++
need make command -v make
if [[ -n ${LIBTORCH:-} ]]; then
  [[ -f $LIBTORCH/include/ATen/ATen.h && -f $LIBTORCH/lib/libtorch_cpu.so ]] ||
    fail "LIBTORCH=$LIBTORCH is no libtorch: expected include/ATen/ATen.h and lib/libtorch_cpu.so in it." \
      "Name the unpacked folder, or unset LIBTORCH to use the system's libtorch."
else
  need libtorch-dev have_header ATen/ATen.h
  need libopenblas0-openmp have_fast_blas
fi
if [[ $purpose == test ]]; then
  need lua5.3 command -v lua5.3
  need kubernetes-client command -v kubectl
  need golang-go command -v go
  need nodejs command -v node
  need npm command -v npm
  need jq command -v jq
  need git command -v git
  need curl command -v curl
  need golang-github-masterminds-sprig-dev test -f /usr/share/gocode/src/github.com/Masterminds/sprig/functions.go
  need golang-k8s-sigs-yaml-dev test -f /usr/share/gocode/src/sigs.k8s.io/yaml/yaml.go
fi
if [[ $purpose == bench ]]; then
  need python3-torch /usr/bin/python3 -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'
fi

if ((${#missing[@]})); then
  install
fi

# Debian 12 has older ones of these; what is on PATH first counts.
if [[ $purpose == test ]]; then
  kubectl_minor=$(kubectl version --client --output=json 2>/dev/null | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p' | head -n 1)
  ((${kubectl_minor:-0} >= 26)) || fail "The tests need kubectl 1.26 or later, found 1.${kubectl_minor:-?} at $(command -v kubectl)." \
    "Put a newer one on PATH: https://kubernetes.io/docs/tasks/tools/"
  node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  ((${node_major:-0} >= 20)) || fail "The tests need Node.js 20 or later, found ${node_major:-none} at $(command -v node)." \
    "Put a newer one on PATH: https://nodejs.org/"
fi
