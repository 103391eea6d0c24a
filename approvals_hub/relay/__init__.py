"""The push relay of a native app's publisher: a program of its own that opens nothing of a hub."""
