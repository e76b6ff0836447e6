#!/usr/bin/env bash
# Google Search with citations, and a question about an image. Needs curl and a running gateway that has GEMINI_API_KEY.
# GATEWAY is its address, KEY a caller's key where it wants one, MODEL another model, such as gemini-2.5-pro.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-gemini-2.5-flash}
call() { curl -sSN --fail-with-body -H "Content-Type: application/json" ${KEY:+-H "Authorization: Bearer $KEY"} "$@"; }
show() { if command -v jq > /dev/null; then jq .; else cat; echo; fi; }

# Any model of a configured provider can be asked; GET /v1/models/{id} says whether it is live.
if ! call "$gateway/v1/models/$model" > /dev/null; then
  echo "Model '$model' is not live: start the gateway with GEMINI_API_KEY. $gateway/v1/models lists what is." >&2
  exit 1
fi

echo "== an answer from Google Search: its sources are in message.annotations"
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model", "web_search_options": {}, "messages": [ { "role": "user", "content": "What is the newest release of .NET?" } ] }
JSON

echo "== a question about an image: one red pixel"
pixel=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==
call "$gateway/v1/chat/completions" -d @- <<JSON | show
{ "model": "$model",
  "messages": [ { "role": "user", "content": [
    { "type": "text", "text": "Which colour is this?" },
    { "type": "image_url", "image_url": { "url": "data:image/png;base64,$pixel" } } ] } ] }
JSON
