-- wrk's script: POSTs the file that the first argument names, with the headers that follow it ("Name: value" each),
-- and prints what came of it as one line of JSON. Latencies are in microseconds. Between them may stand:
--   vary=RUN       each request has a number in place of the file's sixteen zeros: the run's six digits, and ten of its own
--   expect=VALUE   answers are counted whose X-LlmOps-Cache has another value

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

-- Functions that wrk calls for each request and answer cost it time, so they are there only where they are asked for.
local function vary(run)
  local whole = wrk.format()
  local from, to = whole:find("0000000000000000", 1, true)
  local head, tail, count = whole:sub(1, from - 1) .. run, whole:sub(to + 1), 0
  function request()
    count = count + 1
    return head .. string.format("%010d", count) .. tail
  end
end

local function expect(value)
  function response(status, headers)
    if headers["X-LlmOps-Cache"] ~= value then
      unexpected = unexpected + 1
    end
  end
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local run
  unexpected = 0
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "application/json"
  for index = 2, #args do
    local option, given = args[index]:match("^(%l+)=(.*)$")
    local name, value = args[index]:match("^([^:]+):%s*(.*)$")
    if option == "vary" then
      run = given
    elseif option == "expect" then
      expect(given)
    else
      wrk.headers[name] = value
    end
  end
  if run then
    vary(run)
  end
end

function done(summary, latency, requests)
  local errors, others = summary.errors, 0
  for _, thread in ipairs(threads) do
    others = others + thread:get("unexpected")
  end
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%.0f,"p99":%.0f,"p999":%.0f,"statusErrors":%d,"socketErrors":%d,"unexpected":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, others))
end
