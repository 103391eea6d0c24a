"""Organisations: the tenants, their roles and what each role may do."""
