"""A BankID that is none: it makes its own authorities and people, and nothing of it reaches BankID."""
