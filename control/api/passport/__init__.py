"""Product passports over HTTP: issued and read by a key, looked up by everybody with a phone."""
