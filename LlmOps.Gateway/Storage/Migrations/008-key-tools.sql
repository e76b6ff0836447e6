-- The gateway's tools that a key's requests may be offered: a JSON list of names, with * at the end for all that begin so;
-- null where the key says nothing of them.
ALTER TABLE keys ADD COLUMN tools TEXT;
