"""Keys of the hub: data keys that seal records, and the Ed25519 keys that sign tokens and checkpoints."""
