"""Devices by radio: what their carrier's broker brings, and how often each is expected."""
