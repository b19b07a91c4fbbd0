"""A Modbus line: its units, whose turn it is, when a silent one is asked again, and what waits to be put."""
