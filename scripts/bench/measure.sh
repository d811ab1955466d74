# How a run of terraform is measured; sourced. Needs common.sh, `settings` and a folder `work`.

requests() { grep -c . "$LAB_DIR/aws-requests.jsonl"; }

# Runs terraform; says milliseconds, requests, and the most memory that a provider of that name had.
measure() { # what folder program arguments...
  local what=$1 folder=$2 program=$3 peak=0 now before begun pid; shift 3
  before=$(requests); begun=$(date +%s%N)
  $LAB exec "${settings[@]}" "$TF" -chdir="$folder" "$@" > "$work/out.log" 2>&1 &
  pid=$!
  while kill -0 $pid 2> /dev/null; do
    for provider in $(pgrep -f "$program" || true); do
      now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$provider/status" 2> /dev/null || true)
      [ "${now:-0}" -le "$peak" ] || peak=$now
    done
    sleep 0.05 # a sample, not a wait
  done
  wait $pid || { cat "$work/out.log" >&2; return 1; }
  printf '%-44s %6d ms %6d requests %6d MB\n' "$what" $((($(date +%s%N) - begun) / 1000000)) $(($(requests) - before)) $((peak / 1024))
}
