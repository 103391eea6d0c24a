-- Changes of policies that take people's word first: what agents propose, and what one person alone may not publish.
CREATE TABLE policy_drafts (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  change TEXT NOT NULL,           -- publish, remove, label, or one_person: no second person is wanted any more
  state TEXT NOT NULL,            -- draft, open, in_force, refused, withdrawn, stale
  cause TEXT,
  name TEXT NOT NULL,             -- the policy's, or the id of the agent that is labelled
  policy_id TEXT,                 -- the one that it replaces; NULL where there was none
  replaces INTEGER NOT NULL,      -- its version; 0 where there was none
  replaces_hash TEXT,
  tier TEXT NOT NULL,
  bound_to TEXT,
  rank INTEGER NOT NULL,
  body TEXT,                      -- the text to put in force; the labels, as JSON
  hash TEXT,
  source TEXT,
  why BLOB,                       -- sealed: the proposer's words
  proposer_type TEXT NOT NULL,    -- agent, person or operator
  proposed_by TEXT NOT NULL,
  owner_id TEXT,                  -- the proposing agent's owner
  created_at INTEGER NOT NULL,
  escalation_id TEXT,             -- the question that people are asked about it
  version INTEGER,                -- what it is in force as
  ended_at INTEGER,
  ended_by TEXT
);
CREATE INDEX policy_drafts_org ON policy_drafts (org_id, id);
CREATE INDEX policy_drafts_live ON policy_drafts (state, id) WHERE state IN ('draft', 'open');
CREATE INDEX policy_drafts_proposer ON policy_drafts (org_id, proposed_by, id);
CREATE INDEX policy_drafts_question ON policy_drafts (escalation_id) WHERE escalation_id IS NOT NULL;

-- 1: what one person with the right to publish does to policies counts once another one has signed for it.
ALTER TABLE orgs ADD COLUMN second_person INTEGER NOT NULL DEFAULT 0;

-- Which questions were asked by an authorization: a dry run takes each once.
CREATE INDEX authorizations_question ON authorizations (escalation_id) WHERE escalation_id IS NOT NULL;
