#!/usr/bin/env bash
# The gate: checks the formatting, then runs every tests/*.Tests program, one after the other, and adds up.
# The last line is "N passed, N failed"; the exit code is 0 only when something ran and nothing failed.
# A host that crashes, hangs past TEST_TIMEOUT seconds or leaves no results counts as one failure.
# Tests marked as long (real models that learn in a cluster, whole benchmarks, pages that take half a minute) run with TESTS=all, which a project that is named implies.
# usage: [TESTS=all] eng/test.sh [PROJECT...]      for instance eng/test.sh TorchSharp.Tests
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}
limit=${TEST_TIMEOUT:-900}
results=artifacts/test-results

# Tests start hundreds of programs that live for seconds: a tenth less time goes into compiling them.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0
# Two tests run at a time, and each starts threads: those that wait must not keep the others' from the cores.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
# As dylora and the router do for themselves: what tensors free is kept for the next ones.
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-268435456} MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-33554432}
passed=0
failed=0
skipped=0
failures=()

# attribute NAME FILE: the sum of that attribute over the assemblies of a results file.
attribute() {
  grep -o '<assembly [^>]*>' "$2" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# The display names of the failed tests of a results file.
failed_names() {
  { grep -o '<test [^>]*result="Fail"' "$1" || true; } | sed -E 's/.* name="([^"]*)".*/\1/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

run() {
  local project=$1
  local host="artifacts/standins/bin/$project/${configuration,,}/$project"
  local file="$results/$project.xml"
  local code=0
  echo "== $project"
  timeout --foreground --kill-after=20 "$limit" "$host" :1 "${chosen[@]}" -noLogo -noColor -longRunning 60 -xml "$file" </dev/null || code=$?

  local ran=0 bad=0
  if [[ -s $file ]]; then
    bad=$(($(attribute failed "$file") + $(attribute errors "$file")))
    ran=$(($(attribute passed "$file") + bad))
    passed=$((passed + ran - bad))
    skipped=$((skipped + $(attribute skipped "$file")))
    failed=$((failed + bad))
    while IFS= read -r name; do
      failures+=("$name")
    done < <(failed_names "$file")
  fi

  if ((code == 124 || code == 137)); then
    failed=$((failed + 1))
    failures+=("$project: stopped after $limit s; the test that hung is among those named as long running above")
  elif ((code != 0 && bad == 0)); then
    failed=$((failed + 1))
    failures+=("$project: the test program ended with exit code $code")
  elif ((ran == 0)); then
    failed=$((failed + 1))
    failures+=("$project: ran no test")
  fi
}

projects=("$@")
chosen=()
((${#projects[@]} == 0)) || export TESTS=all
[[ ${TESTS:-} == all ]] || chosen=(-trait- Length=Long)
formatted=true
if ((${#projects[@]} == 0)); then
  for folder in tests/*.Tests; do
    projects+=("$(basename "$folder")")
  done
  echo "== dotnet format --verify-no-changes"
  # The build has judged the code by every rule; what it does not see are whitespace and the order of usings, which are no diagnostics.
  dotnet format style DyLoraMoe.Operator.sln --no-restore --verify-no-changes --diagnostics IMPORTS </dev/null || formatted=false
fi

rm -rf "$results"
mkdir -p "$results"
for project in "${projects[@]}"; do
  run "$project"
done

echo
for failure in "${failures[@]}"; do
  echo "failed  $failure"
done
if ((skipped > 0)); then
  echo "$skipped skipped"
fi
if ! $formatted; then
  echo "The formatting differs from .editorconfig (see above): run make fmt and commit what it changes."
fi
echo "$passed passed, $failed failed"
$formatted && ((failed == 0 && passed > 0))
