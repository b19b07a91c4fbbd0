"""From what `edge.toml` says of a line to the source that reads it, one module a kind of line."""
