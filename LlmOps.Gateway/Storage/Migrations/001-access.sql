-- What all replicas share: secrets by name.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Limits and budgets are JSON; null for none.
CREATE TABLE tenants (
  name TEXT PRIMARY KEY,
  limits TEXT,
  budget TEXT,
  updated_at BIGINT NOT NULL
);

CREATE TABLE teams (
  name TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  limits TEXT,
  budget TEXT,
  updated_at BIGINT NOT NULL
);

-- name: what they log in with. Roles: words with commas between.
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  team TEXT,
  roles TEXT NOT NULL,
  password_hash TEXT,
  limits TEXT,
  budget TEXT,
  disabled_at BIGINT,
  created_at BIGINT NOT NULL
);

-- hash: HMAC-SHA-256 of the key, by settings' key_hash_secret, in hexadecimal digits. The previous key of a rotation holds until previous_until.
-- models, prompts, metadata: JSON; null for all, and for none.
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  previous_hash TEXT UNIQUE,
  previous_until BIGINT,
  tenant TEXT NOT NULL,
  team TEXT,
  user_name TEXT,
  roles TEXT NOT NULL,
  models TEXT,
  prompts TEXT,
  limits TEXT,
  budget TEXT,
  metadata TEXT,
  expires_at BIGINT,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL
);
