"""Scenarios as tests: a whole site in one process and in virtual time, and what is expected of it."""
