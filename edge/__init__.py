"""Agents beside the devices: read them, keep what was read until control has it."""
