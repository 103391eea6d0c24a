"""Channels that reach people: libraries of their own, which store nothing and know nothing of the hub."""
