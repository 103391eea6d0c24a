"""The audit log: an append-only Merkle log for each organisation, and how to verify it without the hub."""
