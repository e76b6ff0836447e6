-- A login. It ends with its last refresh token, by logging out, or when a refresh token of it is used a second time.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE INDEX sessions_user_name ON sessions (user_name);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_ended_at ON sessions (ended_at);

-- hash: SHA-256 of the token, in hexadecimal digits. Used ones stay until they end, so that a second use is noticed.
CREATE TABLE refresh_tokens (
  hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);
