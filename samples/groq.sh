#!/usr/bin/env bash
# A stream with its usage at the end. Needs curl and a running gateway that has GROQ_API_KEY.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as groq/llama-3.1-8b-instant.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-groq-kimi-primary}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }

# Any model of a configured provider can be asked, as provider/model; GET /v1/models/{id} says whether it is live.
if ! call "$gateway/v1/models/$model" > /dev/null; then
  echo "Model '$model' is not live: start the gateway with GROQ_API_KEY. $gateway/v1/models lists what is." >&2
  exit 1
fi

echo "== a stream: the last chunk before [DONE] has the usage"
call "$gateway/v1/chat/completions" -d @- <<JSON
{ "model": "$model", "stream": true, "stream_options": { "include_usage": true },
  "messages": [ { "role": "user", "content": "Name three rivers." } ] }
JSON
