-- What GET /admin/traces looks through: a row for each request, small, as many are read for one that is shown.
-- id: the ledger's, so that the rows lie in the order of their arrival. size: bytes, with those of its details.
CREATE TABLE traces (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  model TEXT,
  prompt TEXT,
  prompt_version TEXT,
  variant TEXT,
  experiment TEXT,
  outcome TEXT NOT NULL,
  status BIGINT NOT NULL,
  cache TEXT NOT NULL,
  cost_nano BIGINT,
  input_tokens BIGINT,
  output_tokens BIGINT,
  duration_us BIGINT NOT NULL,
  size BIGINT NOT NULL
);

-- Everything that is known of a request: JSON, compressed.
CREATE TABLE trace_details (
  id TEXT PRIMARY KEY,
  json BYTEA NOT NULL
);

-- The sum of traces.size, which is not counted anew each time.
CREATE TABLE trace_totals (
  name TEXT PRIMARY KEY,
  bytes BIGINT NOT NULL
);

INSERT INTO trace_totals (name, bytes) VALUES ('traces', 0);

-- Scores that are not feedback. id: that of the request. The same name again replaces a score.
CREATE TABLE scores (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  comment TEXT,
  at BIGINT NOT NULL,
  PRIMARY KEY (id, name)
);

-- Each of them is read from its end, newest first.
CREATE INDEX traces_request_id ON traces (request_id, id);
CREATE INDEX traces_tenant ON traces (tenant, id);
CREATE INDEX traces_model ON traces (model, id);
CREATE INDEX traces_prompt ON traces (prompt, id) WHERE prompt IS NOT NULL;
CREATE INDEX traces_version ON traces (prompt, prompt_version, id) WHERE prompt IS NOT NULL;
CREATE INDEX traces_experiment ON traces (experiment, id) WHERE experiment IS NOT NULL;

-- What is seldom, and looked for: failures, requests of 10 s and more, and of 0.10 dollars and more.
CREATE INDEX traces_failed ON traces (id) WHERE outcome <> 'ok';
CREATE INDEX traces_slow ON traces (id) WHERE duration_us >= 10000000;
CREATE INDEX traces_dear ON traces (id) WHERE cost_nano >= 100000000;
