"""Simulated devices: `update(now, inputs)` gives outputs and the moment to be woken next. No bytes, no clock."""
