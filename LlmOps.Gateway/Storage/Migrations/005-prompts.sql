-- Which version a label of a prompt names now.
CREATE TABLE prompt_labels (
  prompt TEXT NOT NULL,
  label TEXT NOT NULL,
  version BIGINT NOT NULL,
  source TEXT NOT NULL,
  moved_at BIGINT NOT NULL,
  PRIMARY KEY (prompt, label)
);

-- Every move of a label. id: from 1, in their order. from_version: null where there was none;
-- to_version: null where it was taken away. source: api, file, environment, experiment.
CREATE TABLE prompt_moves (
  id BIGINT PRIMARY KEY,
  prompt TEXT NOT NULL,
  label TEXT NOT NULL,
  from_version BIGINT,
  to_version BIGINT,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  comment TEXT,
  at BIGINT NOT NULL
);

CREATE INDEX prompt_moves_prompt ON prompt_moves (prompt, id);

-- What files and the environment said last, so that only what they say anew counts. name: a label, or experiment.yaml.
CREATE TABLE prompt_sources (
  prompt TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (prompt, name, source)
);

-- The text that a version had first.
CREATE TABLE prompt_versions (
  prompt TEXT NOT NULL,
  version BIGINT NOT NULL,
  content_hash TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  PRIMARY KEY (prompt, version)
);

-- definition: JSON, as the API writes it. share and guard can change, the rest of it not. guard, paused_variants: JSON.
CREATE TABLE experiments (
  name TEXT PRIMARY KEY,
  prompt TEXT NOT NULL,
  definition TEXT NOT NULL,
  state TEXT NOT NULL,
  share DOUBLE PRECISION NOT NULL,
  guard TEXT NOT NULL,
  source TEXT NOT NULL,
  paused_variants TEXT NOT NULL,
  winner TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT
);

-- Everything that was done to an experiment. id: from 1, in their order.
CREATE TABLE experiment_events (
  id BIGINT PRIMARY KEY,
  experiment TEXT NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  comment TEXT,
  at BIGINT NOT NULL
);

CREATE INDEX experiment_events_experiment ON experiment_events (experiment, id);

-- id: that of the request. The same name again replaces a score.
CREATE TABLE feedback (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  comment TEXT,
  at BIGINT NOT NULL,
  PRIMARY KEY (id, name)
);

-- The experiment that a request took part in, and what of it always sees the same variant: 16 hexadecimal digits of a hash.
ALTER TABLE ledger ADD COLUMN experiment TEXT;
ALTER TABLE ledger ADD COLUMN unit TEXT;

CREATE INDEX ledger_request_id ON ledger (request_id);
CREATE INDEX ledger_experiment ON ledger (experiment, id) WHERE experiment IS NOT NULL;
