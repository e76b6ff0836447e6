# For other samples, which source it: a gateway of their own at $gateway, whose providers openai and groq are a fake one.
# Needs the .NET 10 SDK and curl, and no key. PORT (8090) is the gateway's, PROVIDER_PORT (8091) the fake's; PROGRAM, if it is
# set, is a built LlmOps.Gateway.dll.
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=${PORT:-8090}
provider_port=${PROVIDER_PORT:-8091}
work=${work:-$(mktemp -d)}
gateway=http://localhost:$port
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$work"' EXIT

if [ -z "${PROGRAM:-}" ]; then
  echo "== building"
  dotnet build "$samples/../LlmOps.Gateway" --output "$work/program" --verbosity quiet --nologo -consoleLoggerParameters:NoSummary
  PROGRAM=$work/program/LlmOps.Gateway.dll
fi

ready() { curl -s --retry 50 --retry-connrefused --retry-delay 1 --fail -o /dev/null "http://localhost:$1/health/ready"; }

# The fake speaks OpenAI's protocol: another gateway, whose models of those names are the built-in one.
fake=()
for model in gpt-4o-mini gpt-4o moonshotai/kimi-k2-instruct; do
  fake+=("--Gateway:Models:$model:Targets:0:Provider=offline" "--Gateway:Models:$model:Targets:0:Model=offline")
done
LLM_PORT=$provider_port dotnet "$PROGRAM" "${fake[@]}" "--Gateway:Access:Mode=Open" "--Gateway:Data:Folder=$work/provider" > "$work/provider.log" 2>&1 &

LLM_PORT=$port LLMOPS_ADMIN_USERNAME=admin LLMOPS_ADMIN_PASSWORD=secret123-and-more dotnet "$PROGRAM" \
  "--Gateway:Providers:openai:BaseUrl=http://localhost:$provider_port/v1" "--Gateway:Providers:openai:ApiKey=sk-gateways-own" "--Gateway:Providers:openai:Logprobs=false" \
  "--Gateway:Providers:groq:BaseUrl=http://localhost:$provider_port/v1" "--Gateway:Providers:groq:ApiKey=gsk-gateways-own" \
  "--Gateway:DefaultModel=gpt-4o-mini" "--Gateway:Data:Folder=$work/data" > "$work/gateway.log" 2>&1 &
ready "$provider_port"
ready "$port"

# Where there is no jq, what these samples need of it: a field as text, or all of it.
command -v jq > /dev/null || jq() { if [ "${1:-}" = -r ]; then grep -o "\"${2#.}\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; else cat; echo; fi; }
