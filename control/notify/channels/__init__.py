"""Ways out: one adapter for each kind of channel."""
