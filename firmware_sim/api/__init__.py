"""Faults and doors by HTTP while the simulation runs, and the command that asks for them."""
