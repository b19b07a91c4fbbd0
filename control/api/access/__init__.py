"""Who asks over HTTP, whether they may, and how parties, keys and grants are kept."""
