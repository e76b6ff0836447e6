#!/usr/bin/env bash
# An answer by a JSON schema, and a tool call. Needs curl and a running gateway that has OPENAI_API_KEY.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as gpt-4.1-mini.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-gpt-4o-mini}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }
show() { if command -v jq > /dev/null; then jq .; else cat; echo; fi; }

# Any model of a configured provider can be asked; GET /v1/models/{id} says whether it is live.
if ! call "$gateway/v1/models/$model" > /dev/null; then
  echo "Model '$model' is not live: start the gateway with OPENAI_API_KEY. $gateway/v1/models lists what is." >&2
  exit 1
fi

echo "== an answer by a schema"
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model",
  "messages": [ { "role": "user", "content": "I love this phone, the battery lasts two days." } ],
  "response_format": { "type": "json_schema", "json_schema": { "name": "review", "strict": true, "schema": {
    "type": "object",
    "properties": { "sentiment": { "type": "string", "enum": ["positive", "negative", "neutral"] }, "summary": { "type": "string" } },
    "required": ["sentiment", "summary"], "additionalProperties": false } } } }
JSON

echo "== a tool call"
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model",
  "messages": [ { "role": "user", "content": "What is the weather in Paris?" } ],
  "tools": [ { "type": "function", "function": { "name": "get_weather", "description": "The weather in a city", "strict": true, "parameters": {
    "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"], "additionalProperties": false } } } ],
  "tool_choice": "required" }
JSON
