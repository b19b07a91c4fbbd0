"""Commands to outputs: judged, on record before anything moves, carried out, read back, answered."""
