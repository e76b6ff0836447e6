#!/usr/bin/env bash
# Thinking, and a prompt that Anthropic keeps in its cache. Needs curl and a running gateway that has ANTHROPIC_API_KEY.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as claude-haiku-4-5.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-claude-sonnet}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }
show() { if command -v jq > /dev/null; then jq .; else cat; echo; fi; }

# Any model of a configured provider can be asked; GET /v1/models/{id} says whether it is live.
if ! call "$gateway/v1/models/$model" > /dev/null; then
  echo "Model '$model' is not live: start the gateway with ANTHROPIC_API_KEY. $gateway/v1/models lists what is." >&2
  exit 1
fi

echo "== thinking: message.reasoning_content, and message.thinking_blocks to send back with the next turn"
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model", "max_tokens": 4000, "thinking": { "type": "enabled", "budget_tokens": 2000 },
  "messages": [ { "role": "user", "content": "A bat and a ball cost 1.10 together; the bat costs 1 more than the ball. What does the ball cost?" } ] }
JSON

# Only long prompts are cached, so these are some 3000 tokens.
rules=$(for ((i = 1; i <= 300; i++)); do printf 'Rule %d: answer politely. ' "$i"; done)
for round in first second; do
  echo "== a cached prompt, $round time: usage.prompt_tokens_details"
  call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model", "max_tokens": 100, "messages": [
    { "role": "system", "content": [ { "type": "text", "text": "$rules", "cache_control": { "type": "ephemeral" } } ] },
    { "role": "user", "content": "Say hello." } ] }
JSON
done
