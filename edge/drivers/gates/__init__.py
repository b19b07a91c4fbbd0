"""A gate: the session with its reader, the events that come of it, and the passages made of them."""
