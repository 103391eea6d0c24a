"""The database: one contract, two engines, and the migrations that both run."""
