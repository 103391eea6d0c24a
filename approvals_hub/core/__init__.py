"""What every part stands on and knows nothing of the hub: time, ids, refusals, sealing, visible text."""
