"""What a technician does at a line without an agent: read a point, listen, look for units, press a scale's key."""
