-- Agents that speak OpenLeash go by a name of their own choice, and name their owner as their former hub did.
ALTER TABLE agents ADD COLUMN handle TEXT;
ALTER TABLE agents ADD COLUMN known_owner TEXT;
CREATE UNIQUE INDEX agents_handle ON agents (handle) WHERE handle IS NOT NULL;

-- An invitation is for one protocol: NULL is the hub's own. The others are what the inviter has fixed beforehand.
ALTER TABLE agent_invites ADD COLUMN protocol TEXT;
ALTER TABLE agent_invites ADD COLUMN handle TEXT;
ALTER TABLE agent_invites ADD COLUMN public_key BLOB;
ALTER TABLE agent_invites ADD COLUMN known_owner TEXT;
CREATE INDEX agent_invites_key ON agent_invites (public_key) WHERE public_key IS NOT NULL;
