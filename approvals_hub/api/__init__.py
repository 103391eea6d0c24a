"""HTTP: takes a request, makes one call on the Hub, gives the answer."""
