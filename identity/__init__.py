"""Ways to prove who a person is. Each stores nothing and imports nothing of the hub."""
