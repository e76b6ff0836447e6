#!/usr/bin/env bash
# A model whose first provider is down: the second one answers, and after a few requests the first is left alone.
# Needs the .NET 10 SDK and curl; starts a gateway of its own, without any key, on PORT (8090).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=${PORT:-8090}
work=$(mktemp -d)
gateway=http://127.0.0.1:$port

echo "== building"
dotnet build LlmOps.Gateway --output "$work/program" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary

# Nothing listens on port 9: that is the plug, pulled.
export Gateway__Providers__primary__Type=openai Gateway__Providers__primary__BaseUrl=http://127.0.0.1:9/v1
export Gateway__Models__demo__Targets__0__Provider=primary Gateway__Models__demo__Targets__0__Model=gpt-4o
export Gateway__Models__demo__Targets__1__Provider=offline Gateway__Models__demo__Targets__1__Model=offline
export Gateway__Routing__Breaker__MinimumCalls=4 Gateway__Data__Folder=$work/data
export LLM_PORT=$port LLMOPS_ADMIN_KEY=sk-demo-administrator
dotnet "$work/program/LlmOps.Gateway.dll" > "$work/log" 2>&1 &
pid=$!
trap 'kill $pid; wait $pid 2> /dev/null || true; rm -rf "$work"' EXIT
curl -s --retry 50 --retry-connrefused --retry-delay 1 --fail -o /dev/null "$gateway/health/ready"

for number in 1 2 3; do
  echo "== request $number"
  curl -sS --fail-with-body -D "$work/head" -H "Content-Type: application/json" "$gateway/v1/chat/completions" \
    -d '{"model": "demo", "messages": [{"role": "user", "content": "What is 6 * 7?"}]}' | grep -o '"content":"[^"]*"'
  grep -iE '^x-llmops-(provider|attempts)' "$work/head"
done

echo "== how the targets fare: GET /admin/models"
curl -sS --fail-with-body -H "Authorization: Bearer sk-demo-administrator" "$gateway/admin/models" | grep -oE '"provider":"(primary|offline)","model":"[^"]*","weight":1,"breaker":"[a-z_]*"' | sort -u
echo "== what the log said"
grep -o 'Target primary[^"]*' "$work/log"
