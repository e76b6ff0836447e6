#!/usr/bin/env bash
# Tools that the gateway carries out: those of an MCP server (samples/mcp-server.cs) and its own, a call that waits for approval,
# and the gateway as an MCP server itself. Needs the .NET 10 SDK and curl; starts a gateway of its own, without any key, on PORT
# (8090), and the MCP server on MCP_PORT (8091).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=${PORT:-8090} mcp_port=${MCP_PORT:-8091}
work=$(mktemp -d)
gateway=http://127.0.0.1:$port
pids=()
stop() { for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; wait "$pid" 2> /dev/null || true; done; rm -rf "$work"; }
trap stop EXIT

echo "== building"
program=${PROGRAM:-$work/program/LlmOps.Gateway.dll}
[ -n "${PROGRAM:-}" ] || dotnet build LlmOps.Gateway --output "$work/program" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary
dotnet build samples/mcp-server.cs --output "$work/server" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary

PORT=$mcp_port dotnet "$work/server/mcp-server.dll" > "$work/server.log" 2>&1 &
pids+=($!)

export Gateway__Functions__Servers__parcels__Url=http://127.0.0.1:$mcp_port/mcp
export Gateway__Functions__Servers__parcels__Approval__0=cancel
export Gateway__Functions__Offer__0='parcels__*' Gateway__Functions__Offer__1=calculator
export Gateway__Data__Folder=$work/data LLM_PORT=$port LLMOPS_ADMIN_KEY=sk-demo-administrator
dotnet "$program" > "$work/log" 2>&1 &
pids+=($!)
curl -s --retry 50 --retry-connrefused --retry-delay 1 --fail -o /dev/null "$gateway/health/ready"
curl -s --retry 50 --retry-connrefused --retry-delay 1 -o /dev/null "http://127.0.0.1:$mcp_port/mcp"

complete() { # MESSAGES
  curl -sS --fail-with-body -H "Content-Type: application/json" "$gateway/v1/chat/completions" -d "{\"model\": \"offline\", \"messages\": [$1]}"
  echo
}

echo "== a tool of the MCP server"
complete '{"role": "user", "content": "Where is parcel 7?"}'
echo "== a tool of the gateway"
complete '{"role": "user", "content": "What is 6 * 7?"}'

echo "== a tool that waits for approval"
question='{"role": "user", "content": "Cancel parcel 8."}'
complete "$question" | tee "$work/asked"
id=$(grep -o 'call_llmops_[A-Za-z0-9_]*' "$work/asked" | head -1)
call="{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": \"$id\", \"type\": \"function\", \"function\": {\"name\": \"parcels__cancel\", \"arguments\": \"{}\"}}]}"
echo "== approved: the call that was kept is made, whatever arguments are sent back"
complete "$question, $call, {\"role\": \"tool\", \"tool_call_id\": \"$id\", \"content\": \"{\\\"approved\\\": true}\"}"

echo "== GET /admin/tools"
curl -sS --fail-with-body -H "Authorization: Bearer sk-demo-administrator" "$gateway/admin/tools"
echo

echo "== the gateway as an MCP server: tools/call chat"
curl -sS --fail-with-body -H "Content-Type: application/json" -H "Accept: application/json, text/event-stream" "$gateway/mcp" \
  -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "chat", "arguments": {"prompt": "Where is parcel 7?"}}}'
echo
