"""Lines to devices as bytes: serial, TCP, and a null modem for tests."""
