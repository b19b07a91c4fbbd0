"""The inspection centre over HTTP: what happens is posted as acts, what stands is asked for."""
