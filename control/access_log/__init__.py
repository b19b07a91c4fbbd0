"""What was done with keys: a store of its own, to which things are only ever added."""
