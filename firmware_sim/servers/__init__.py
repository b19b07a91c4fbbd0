"""The device side of each protocol: cores without I/O, and the one loop that joins a core to a line."""
