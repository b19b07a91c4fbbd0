"""Who outside the site may see and do what: parties, their keys, and what one shares with another."""
