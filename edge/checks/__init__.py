"""Whether what `edge.toml` says fits together and fits `site.toml`, one module a kind of line."""
