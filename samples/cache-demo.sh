#!/usr/bin/env bash
# The cache: a miss, a hit, the same answer streamed, and what a clearing does, each with the time it took.
# Needs the .NET 10 SDK and curl; starts a gateway of its own, without any key, on PORT (8090).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=${PORT:-8090}
work=$(mktemp -d)
gateway=http://127.0.0.1:$port

echo "== building"
dotnet build LlmOps.Gateway --output "$work/program" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary

# A model that takes its time: the offline model streams a word each 100 ms.
export Gateway__Providers__offline__WordDelay=100ms Gateway__Data__Folder=$work/data
export LLM_PORT=$port LLMOPS_ADMIN_KEY=sk-demo-administrator
dotnet "$work/program/LlmOps.Gateway.dll" > "$work/log" 2>&1 &
pid=$!
trap 'kill $pid; wait $pid 2> /dev/null || true; rm -rf "$work"' EXIT
curl -s --retry 50 --retry-connrefused --retry-delay 1 --fail -o /dev/null "$gateway/health/ready"

ask() { # TITLE STREAM
  echo "== $1"
  curl -sS --fail-with-body -D "$work/head" -o "$work/body" -w "%{time_total} s\n" -H "Content-Type: application/json" "$gateway/v1/chat/completions" \
    -d "{\"model\": \"offline\", \"temperature\": 0, \"stream\": $2, \"messages\": [{\"role\": \"user\", \"content\": \"Count to 10\"}]}"
  grep -i '^x-llmops-cache:' "$work/head"
}

ask "a miss, streamed" true
ask "a hit" false
ask "a streamed hit" true
echo "== DELETE /cache"
curl -sS --fail-with-body -X DELETE -H "Authorization: Bearer sk-demo-administrator" "$gateway/cache"
echo
ask "a miss again, streamed" true
echo "== GET /cache/stats"
curl -sS --fail-with-body "$gateway/cache/stats"
echo
