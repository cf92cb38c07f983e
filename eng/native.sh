#!/usr/bin/env bash
# Builds the native part of the TorchSharp stand-in. Usage: native.sh SOURCE_DIR BUILD_DIR [LIBTORCH_DIR]
set -euo pipefail
source_dir=$1 build_dir=$2 libtorch=${3:-}
packages="libtorch-dev libopenblas0-openmp cmake g++"

missing=""
command -v cmake >/dev/null || missing="$missing cmake"
command -v g++ >/dev/null || missing="$missing g++"
if [[ -z $libtorch && ! -e /usr/include/ATen/ATen.h && -z ${CPLUS_INCLUDE_PATH:-}${CMAKE_PREFIX_PATH:-} ]]; then
  missing="$missing libtorch"
fi
if [[ -n $missing ]]; then
  echo "error: the native part of the TorchSharp stand-in needs$missing: apt-get install $packages (or set LIBTORCH to a libtorch folder)" >&2
  exit 1
fi

mkdir -p "$build_dir"
exec 9>"$build_dir/.lock"
flock 9

log="$build_dir/build.log"
if ! { cmake -S "$source_dir" -B "$build_dir" -DCMAKE_BUILD_TYPE=Release -DLIBTORCH="$libtorch" \
       && cmake --build "$build_dir" --parallel "${NATIVE_JOBS:-$(nproc)}"; } >"$log" 2>&1; then
  grep -E "error|Error|CMake" "$log" >&2 || true
  tail -n 20 "$log" >&2
  echo "error: the native part of the TorchSharp stand-in did not build; see $log (needs: $packages)" >&2
  exit 1
fi
touch "$build_dir/libtorch_standin.so"
