#!/usr/bin/env bash
# Traffic for an experiment: COUNT (300) users ask PROMPT (digest) for a digest of one text each, and score it: 1 if it has at
# most 120 characters, else 0. Needs curl and a running gateway; GATEWAY is its address.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:8080}
prompt=${1:-digest}
count=${2:-300}

post() { curl -sS --fail-with-body -H "Content-Type: application/json" "$@"; }
field() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; }

declare -A asked liked
for ((user = 1; user <= count; user++)); do
  answer=$(post "$gateway/prompts/$prompt/run" -d "{\"user\": \"user-$user\", \"variables\": {\"text\": \"Parcel $user left the warehouse in Bremen on Monday. Rain closed the bridge at Celle for nine hours. It is expected in Hamburg on Thursday before noon, and the recipient was told.\"}}")
  version=$(field prompt_version <<< "$answer")
  response=$(field response <<< "$answer")
  score=$((${#response} <= 120 ? 1 : 0))
  post -o /dev/null "$gateway/feedback" -d "{\"request_id\": \"$(field request_id <<< "$answer")\", \"score\": $score}"
  asked[$version]=$((${asked[$version]:-0} + 1))
  liked[$version]=$((${liked[$version]:-0} + score))
done

for version in "${!asked[@]}"; do
  echo "$version: ${asked[$version]} requests, ${liked[$version]} liked"
done | sort
