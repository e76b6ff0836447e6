#!/usr/bin/env bash
# Shows a stream in OpenAI's form, then its text alone as it comes. Needs a running gateway and curl.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
model=${MODEL:-offline}

echo "== server-sent events"
curl -sN "$gateway/v1/chat/completions" -H "Content-Type: application/json" \
  -d "{\"model\": \"$model\", \"stream\": true, \"stream_options\": {\"include_usage\": true}, \"messages\": [{\"role\": \"user\", \"content\": \"Count to 5\"}]}"

echo "== text"
curl -sN "$gateway/chat/stream" -H "Content-Type: application/json" -d "{\"model\": \"$model\", \"prompt\": \"Count to 20\"}"
echo
