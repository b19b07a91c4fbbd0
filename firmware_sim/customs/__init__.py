"""A customs office that is played: it reads declarations and answers them, late, twice and out of order if told to."""
