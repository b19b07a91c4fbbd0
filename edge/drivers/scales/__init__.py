"""A scale: what it shows, its keys, when a weight is stable, and one weight for each load."""
