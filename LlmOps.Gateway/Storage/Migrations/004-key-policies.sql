-- What a key's requests must keep to, beside its limits; JSON, null for nothing of its own.
-- parameters: the ranges of temperature, top_p, max_tokens and n. guardrails: how each is enforced.
ALTER TABLE keys ADD COLUMN parameters TEXT;
ALTER TABLE keys ADD COLUMN guardrails TEXT;
