"""The append-only record of a site on SQLite, its form, who reads it, and its twin in memory."""
