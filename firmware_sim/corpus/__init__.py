"""Seeded corpora: what readers and scales told, with the truth beside it, to measure by whoever judges them."""
