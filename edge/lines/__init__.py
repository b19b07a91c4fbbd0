"""What `edge.toml` and the profiles say, one module a kind of line. Whether it fits together: `edge.settings`."""
