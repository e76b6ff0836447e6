#!/usr/bin/env bash
# The semantic cache: a question, the same in other words, and near misses that must be asked anew, each with what the
# cache says of it. Needs the .NET 10 SDK and curl; starts a gateway of its own, without any key, on PORT (8091).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=${PORT:-8091}
work=$(mktemp -d)
gateway=http://127.0.0.1:$port

echo "== building"
dotnet build LlmOps.Gateway --output "$work/program" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary

# The threshold is lower than need be, so that the near misses come before the verifier, which refuses them.
export Gateway__Caching__Semantic__Mode=On QDRANT_SIMILARITY_THRESHOLD=0.3 Gateway__Data__Folder=$work/data LLM_PORT=$port
dotnet "$work/program/LlmOps.Gateway.dll" > "$work/log" 2>&1 &
pid=$!
trap 'kill $pid; wait $pid 2> /dev/null || true; rm -rf "$work"' EXIT
curl -s --retry 50 --retry-connrefused --retry-delay 1 --fail -o /dev/null "$gateway/health/ready"

ask() { # QUESTION
  curl -sS --fail-with-body -D "$work/head" -o /dev/null -H "Content-Type: application/json" "$gateway/chat" -d "{\"prompt\": \"$1\"}"
  local said
  said=$(grep -iE '^x-llmops-(cache|similarity):' "$work/head" | tr -d '\r' | sed 's/^[^:]*: //' | paste -sd ' ')
  printf '%-20s %s\n' "$said" "$1"
}

echo "== a question, and the same in other words"
ask "What is the capital of France?"
ask "what's france's capital"
ask "Can you tell me what the capital of France is, please?"
ask "How do I reset my password?"
ask "how can I reset my password"
echo "== near misses"
ask "What is the capital of Germany?"
ask "What was the capital of France?"
ask "How do I reset your password?"
ask "Is Python faster than Java?"
ask "Is Java faster than Python?"
echo "== GET /cache/stats"
curl -sS --fail-with-body "$gateway/cache/stats"
echo
echo "== why near questions were refused, of the log"
grep -o '"SemanticRefusal":"[^"]*"' "$work/log" | sort | uniq -c
