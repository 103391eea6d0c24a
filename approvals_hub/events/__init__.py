"""How whoever waits hears that something has changed."""
