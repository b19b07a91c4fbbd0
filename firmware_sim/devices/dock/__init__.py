"""A dock gate: what drives through it, what its antennas read of it, and what really happened."""
