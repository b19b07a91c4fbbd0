"""Records that prove themselves: the journal is sealed once a day, and what was sealed cannot be changed unseen."""
