-- A row for each request. id: a UUID of version 7, so that the rows lie in the order of their arrival. at: milliseconds since 1970.
-- cost_nano: null where it is not known. estimated: 1 where a part of tokens or cost is.
CREATE TABLE ledger (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  tenant TEXT NOT NULL,
  team TEXT,
  user_name TEXT,
  key_id TEXT,
  subject TEXT NOT NULL,
  model TEXT,
  provider TEXT,
  provider_model TEXT,
  prompt TEXT,
  prompt_version TEXT,
  variant TEXT,
  stream BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  cache TEXT NOT NULL,
  input_tokens BIGINT,
  output_tokens BIGINT,
  cost_nano BIGINT,
  estimated BIGINT NOT NULL,
  saved_nano BIGINT,
  duration_us BIGINT NOT NULL,
  first_chunk_us BIGINT,
  user_label TEXT,
  session TEXT
);

-- A row for each call to a provider. id: that of the request.
CREATE TABLE ledger_attempts (
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  operation TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  input_tokens BIGINT,
  output_tokens BIGINT,
  cost_nano BIGINT,
  estimated BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  PRIMARY KEY (id, number)
);

-- The sums of a day, by UTC, as 2026-11-26. Empty for none, as what is part of a key cannot be null.
CREATE TABLE usage_daily (
  day TEXT NOT NULL,
  tenant TEXT NOT NULL,
  team TEXT NOT NULL,
  user_name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  variant TEXT NOT NULL,
  requests BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  cache_hits BIGINT NOT NULL,
  input_tokens BIGINT NOT NULL,
  output_tokens BIGINT NOT NULL,
  cost_nano BIGINT NOT NULL,
  saved_nano BIGINT NOT NULL,
  estimated BIGINT NOT NULL,
  unpriced BIGINT NOT NULL,
  PRIMARY KEY (day, tenant, team, user_name, key_id, model, prompt, prompt_version, variant)
);

-- What somebody has spent in a period is asked when their budget is used first.
CREATE INDEX usage_daily_tenant ON usage_daily (tenant, day);
CREATE INDEX usage_daily_team ON usage_daily (team, day);
CREATE INDEX usage_daily_user ON usage_daily (user_name, day);
CREATE INDEX usage_daily_key ON usage_daily (key_id, day);
