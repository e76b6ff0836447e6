#!/usr/bin/env bash
# Puts the gateway under load beside its references. See --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/.work
portkey=1.15.2
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PATH=$PATH:/usr/sbin

say() { echo "$*" >&2; }

publish() { # PROJECT FOLDER
  local log=$work/$2.publish.log
  dotnet publish "$1" --configuration Release --output "$work/$2" --verbosity quiet >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}

install_tools() {
  local missing=()
  command -v wrk >/dev/null || missing+=(wrk)
  command -v nginx >/dev/null || missing+=(nginx-light)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    # What needs it is left out, and the report says so.
    [ "${missing[*]}" != redis-server ] || { say "redis-server is missing: what needs Redis is not measured."; return 0; }
    say "Missing: ${missing[*]}. Install them with this machine's package manager, then run this again."
    exit 1
  fi
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  say "installing ${missing[*]}"
  $sudo apt-get update -qq >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
  # The packages start services of their own, which would take part in every measurement.
  local service
  for service in nginx redis-server; do
    case "${missing[*]}" in *$service*) $sudo systemctl disable --now "$service" >/dev/null 2>&1 || $sudo service "$service" stop >/dev/null 2>&1 || true ;; esac
  done
}

# Leaves either the package or the reason why it is not there, which the report repeats.
fetch_portkey() {
  local folder=$work/portkey
  rm -f "$work/portkey.fault"
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    rm -rf "$folder"
    echo "node and npm are not installed" >"$work/portkey.fault"
  elif [ "$(cat "$folder/version" 2>/dev/null)" != "$portkey" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    say "fetching @portkey-ai/gateway $portkey"
    if npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error "@portkey-ai/gateway@$portkey" >"$work/portkey.npm.log" 2>&1; then
      echo "$portkey" >"$folder/version"
    else
      rm -rf "$folder"
      # The code alone: npm's sentences name hosts, which do not belong in a report.
      echo "npm could not fetch @portkey-ai/gateway $portkey ($(grep -m 1 -oE 'code [A-Z0-9]+' "$work/portkey.npm.log" || echo "no code")); see .work/portkey.npm.log" >"$work/portkey.fault"
    fi
  fi
  [ ! -f "$work/portkey.fault" ] || say "Portkey is not measured: $(cat "$work/portkey.fault")"
}

# The semantic cache's parts need no load, and no other program.
semantic() {
  publish "$here/LlmOps.Benchmarks.Semantic" semantic
  local program=$work/semantic/LlmOps.Benchmarks.Semantic
  echo "## The semantic cache"
  echo
  "$program" pairs
  "$program" lookup
  case " $* " in *" --quick "*) ;; *) "$program" index --turnover ;; esac
}

# How often the statistics of experiments, and the evaluator's verdicts, are right needs no load either.
statistics() {
  publish "$here/LlmOps.Benchmarks.Statistics" statistics
  shift
  "$work/statistics/LlmOps.Benchmarks.Statistics" "$@"
}

# Nor does the trace store.
traces() {
  publish "$here/LlmOps.Benchmarks.Traces" traces
  shift
  "$work/traces/LlmOps.Benchmarks.Traces" "$@"
}

command -v dotnet >/dev/null || { say "The .NET 10 SDK is missing: see https://dot.net."; exit 1; }
mkdir -p "$work"
case "${1:-}" in
  semantic | statistics | traces)
    "$1" "$@"
    exit
    ;;
esac
publish "$here/LlmOps.Benchmarks.Load" load
case " $* " in
  *" --help "* | *" -h "* | *" -? "*)
    "$work/load/LlmOps.Benchmarks.Load" "$@" | sed 's|LlmOps.Benchmarks.Load|benchmarks/run.sh|'
    exit
    ;;
  *)
    install_tools
    fetch_portkey
    say "publishing"
    { git -C "$here" rev-parse --short=12 HEAD && git -C "$here" status --porcelain | head -1; } >"$work/commit" 2>/dev/null || true
    publish "$here/../LlmOps.Gateway" gateway
    publish "$here/LlmOps.Benchmarks.Servers" servers
    [ "${1:-}" != evaluation ] || publish "$here/../LlmOps.Evaluator" evaluator
    ;;
esac
cd "$here"
"$work/load/LlmOps.Benchmarks.Load" "$@"
case "${1:-}" in "" | --*) case " $* " in *" --only "*) ;; *) semantic "$@" ;; esac ;; esac
