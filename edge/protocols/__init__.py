"""Device protocols without I/O: bytes in, values and errors out; time is an argument (monotonic seconds).

Nothing here opens a line, waits, logs or reads a clock, so every parser can be fed one byte at a time by a test.
"""
