#!/usr/bin/env bash
# A tenant's key from its making to its end: make, use, what it may ask, limit, rotate, revoke.
# Needs curl and a running gateway. GATEWAY is its address, LLMOPS_ADMIN_KEY the administrator's key.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
tenant=demo-$RANDOM

admin() { curl -sS --fail-with-body -H "Authorization: Bearer $LLMOPS_ADMIN_KEY" -H "Content-Type: application/json" "$@"; }
field() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; }
ask() { # KEY MODEL
  curl -sS -w "\n%{http_code}\n" -H "Authorization: Bearer $1" -H "Content-Type: application/json" "$gateway/v1/chat/completions" \
    -d "{\"model\": \"$2\", \"messages\": [{\"role\": \"user\", \"content\": \"What is 6 * 7?\"}]}" | tee "$work" | tail -1
  field content < "$work" || field message < "$work"
}
work=$(mktemp)
trap 'rm -f "$work"' EXIT

if [ -z "${LLMOPS_ADMIN_KEY:-}" ] || ! admin -o /dev/null "$gateway/admin/keys?limit=1"; then
  echo "Set LLMOPS_ADMIN_KEY to the administrator's key: it was configured, or shown at the gateway's first start." >&2
  exit 1
fi

echo "== a tenant with a budget"
admin -X PUT "$gateway/admin/tenants/$tenant" -d '{"limits": {"requests_per_minute": 600}, "budget": {"usd": 100, "period": "month"}}'
echo

echo "== a key for it, which may ask one model, four times a minute"
made=$(admin "$gateway/admin/keys" \
  -d "{\"name\": \"demo\", \"tenant\": \"$tenant\", \"models\": [\"offline\"], \"limits\": {\"requests_per_minute\": 4}, \"budget\": {\"usd\": 10, \"period\": \"month\"}}")
id=$(field id <<< "$made") key=$(field key <<< "$made")
admin "$gateway/admin/keys/$id"
echo

echo "== use it"
ask "$key" offline
echo "== another model"
ask "$key" gpt-4o
echo "== administration"
curl -sS -H "Authorization: Bearer $key" "$gateway/admin/keys" | field message
echo "== until its limit"
for _ in 1 2 3 4; do ask "$key" offline; done

echo "== rotate it; the one before holds for an hour"
admin -o /dev/null -X PATCH "$gateway/admin/keys/$id" -d '{"limits": null}'
new=$(admin "$gateway/admin/keys/$id/rotate" -d '{"overlap_seconds": 3600}' | field key)
echo "the one before:"
ask "$key" offline
echo "the new one:"
ask "$new" offline

echo "== revoke it, and with it the one before"
admin -X DELETE "$gateway/admin/keys/$id" | field status
ask "$key" offline
ask "$new" offline
