#!/usr/bin/env bash
# Shows what there is: the built-in backbone generates text, meets a task that its corpus left out,
# learns it as a LoRA expert, and is asked again, with the expert and without.
set -euo pipefail
cd "$(dirname "$0")/.."

model=models/dylora-tiny
work=artifacts/demo
if [[ ! -f $model/config.json ]]; then
  echo "demo: expected the built-in backbone in $model, but it is not there; make backbone makes it (about half an hour)" >&2
  exit 1
fi

# ask PROMPT [OPTION...]: prints the prompt and what the model makes of it, up to the end of the line.
ask() {
  printf '  %s' "$1"
  bin/dylora generate --model "$model" --prompt "$1" --max-tokens 24 --stop '\n' "${@:2}"
}

# N samples of reversing a row of letters; the same ones every time.
reversals() {
  awk -v count="$1" 'BEGIN {
    seed = 7
    for (sample = 0; sample < count; sample++) {
      forth = back = ""
      seed = (seed * 16807) % 2147483647
      for (left = 3 + seed % 4; left > 0; left--) {
        seed = (seed * 16807) % 2147483647
        letter = substr("abcdefghijklmnopqrstuvwxyz", 1 + int(seed / 1000) % 26, 1)
        forth = forth " " letter
        back = " " letter back
      }
      printf "{\"prompt\": \"Reverse:%s ->\", \"answer\": \"%s\"}\n", forth, back
    }
  }'
}

echo "The built-in backbone, which has seen small languages made for it:"
ask 'Larger: 12 47 ->'
ask 'Copy: k t a ->'
ask 'Q: What does a dog say? A:'
ask 'Anna has a red'
echo
echo "A task that its corpus left out, as the bare backbone answers it:"
ask 'Reverse: k t a ->'
ask 'Reverse: b o x e s ->'
echo
echo "An expert for it, trained on 3,000 samples (rank 8; the backbone stays as it is):"
rm -rf "$work"
mkdir -p "$work"
reversals 3000 >"$work/reverse.jsonl"
bin/dylora train --model "$model" --data "$work/reverse.jsonl" \
  --mode full --context 64 --rows 8 --steps 400 --out "$work/reverse" | sed 's/^/  /'
echo
echo "The same questions with the expert:"
ask 'Reverse: k t a ->' --adapter "$work/reverse"
ask 'Reverse: b o x e s ->' --adapter "$work/reverse"
echo
echo "And the backbone alone, unchanged:"
ask 'Copy: k t a ->'
