#!/usr/bin/env bash
# The models that Ollama has pulled, and its own fields: the size of the context, and how long the model stays in memory.
# Needs curl and a running gateway that has found Ollama (OLLAMA_HOST, or one on the same machine), with llama3.2 pulled.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as ollama/qwen3.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-llama3.2}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }
show() { if command -v jq > /dev/null; then jq .; else cat; echo; fi; }

models=$(call "$gateway/v1/models")
if [[ $models != *"\"id\":\"$model\""* ]]; then
  echo "Model '$model' is not live: start Ollama before the gateway and run: ollama pull ${model#ollama/}. $gateway/v1/models lists what is live." >&2
  exit 1
fi

echo "== pulled models"
tr '{' '\n' <<< "$models" | sed -n '/"owned_by":"ollama"/s/.*"id":"\([^"]*\)".*/\1/p'

echo "== an answer with a context of 8192 tokens; the model stays in memory for ten minutes"
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model", "keep_alive": "10m", "options": { "num_ctx": 8192 },
  "messages": [ { "role": "user", "content": "Name three rivers." } ] }
JSON
