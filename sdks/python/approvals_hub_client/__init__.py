"""Ask people before acting: the agent's client, and the strict formats that the hub shares with it."""
