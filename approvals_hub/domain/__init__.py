"""Nouns that several features share; pure, without a store."""
