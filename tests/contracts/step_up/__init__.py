"""One suite over every step-up provider: see `stage` for what a provider brings to it."""
