"""What the bytes travel on: pseudo terminals for serial lines, and TCP."""
