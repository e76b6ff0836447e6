-- What POST /admin/evaluations has brought: which versions of a prompt were compared, and what came of it.
-- id: the evaluation's own. variants: the names of what was compared with the baseline, a JSON array.
-- status: passed, regression, incomplete. json: all of it as it came, compressed.
CREATE TABLE evaluations (
  id TEXT PRIMARY KEY,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  prompt TEXT NOT NULL,
  baseline TEXT NOT NULL,
  variants TEXT NOT NULL,
  status TEXT NOT NULL,
  cases BIGINT NOT NULL,
  actor TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  json BYTEA NOT NULL
);

-- Each of them is read from its end, newest first.
CREATE INDEX evaluations_started ON evaluations (started_at, id);
CREATE INDEX evaluations_prompt ON evaluations (prompt, started_at, id);
