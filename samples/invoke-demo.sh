#!/usr/bin/env bash
# POST /invoke as callers of an LLM microservice know it: a prompt, a system prompt, messages, a key of one's own, an error.
# Starts a gateway and a fake provider of its own: fake-provider.sh says what it needs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/fake-provider.sh"

echo "== a prompt, with a key of one's own"
curl -sS --fail-with-body -X POST "$gateway/invoke" \
  -H "Content-Type: application/json" \
  -d '{
    "request_id": "550e8400-e29b-41d4-a716-446655440000",
    "user_prompt": "Explain quantum computing in simple terms",
    "openai_api_key": "sk-your-api-key-here",
    "model": "gpt-4o-mini",
    "temperature": 0.7,
    "max_tokens": 500
  }' | jq

echo "== with a system prompt"
curl -sS --fail-with-body -X POST "$gateway/invoke" \
  -H "Content-Type: application/json" \
  -d '{
    "request_id": "550e8400-e29b-41d4-a716-446655440001",
    "user_prompt": "Explain quantum computing",
    "system_prompt": "You are a physics professor. Explain concepts clearly and concisely.",
    "openai_api_key": "sk-your-api-key-here"
  }' | jq

echo "== with structured messages"
curl -sS --fail-with-body -X POST "$gateway/invoke" \
  -H "Content-Type: application/json" \
  -d '{
    "request_id": "550e8400-e29b-41d4-a716-446655440002",
    "user_prompt": "Follow up question",
    "openai_api_key": "sk-your-api-key-here",
    "messages": [
      {"type": "system", "content": "You are a helpful assistant."},
      {"type": "human", "content": "What is quantum computing?"},
      {"type": "ai", "content": "Quantum computing is a type of computation..."},
      {"type": "human", "content": "Can you give me a simple example?"}
    ]
  }' | jq

echo "== with the gateway's key"
curl -sS --fail-with-body -X POST "$gateway/invoke" \
  -H "Content-Type: application/json" \
  -d '{"request_id": "550e8400-e29b-41d4-a716-446655440003", "user_prompt": "What is 6 * 7?"}' | jq

echo "== a key that is none"
curl -sS -X POST "$gateway/invoke" \
  -H "Content-Type: application/json" \
  -d '{"request_id": "550e8400-e29b-41d4-a716-446655440004", "user_prompt": "Hi", "openai_api_key": "my key"}' | jq

echo "== health"
curl -sS --fail-with-body "$gateway/health" | jq
echo "== statistics"
curl -sS --fail-with-body "$gateway/stats" | jq
