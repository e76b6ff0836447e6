#!/usr/bin/env bash
# What an answer cost, as OpenRouter itself tells. Needs curl and a running gateway that has OPENROUTER_API_KEY.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as openrouter/anthropic/claude-haiku-4.5.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-openrouter-fallback}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }
show() { if command -v jq > /dev/null; then jq .; else cat; echo; fi; }

# Any model of a configured provider can be asked, as provider/model; GET /v1/models/{id} says whether it is live.
if ! call "$gateway/v1/models/$model" > /dev/null; then
  echo "Model '$model' is not live: start the gateway with OPENROUTER_API_KEY. $gateway/v1/models lists what is." >&2
  exit 1
fi

headers=$(mktemp)
trap 'rm -f "$headers"' EXIT
echo "== an answer of the model that OpenRouter chose"
call -D "$headers" "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model", "messages": [ { "role": "user", "content": "Name three rivers." } ] }
JSON

echo "== what it cost, in US dollars"
grep -i '^x-llmops-cost-usd:' "$headers"
