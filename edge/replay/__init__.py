"""A recorded trace through the same way as readings: `coldport replay`."""
