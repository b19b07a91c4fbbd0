"""Certificates of a site's own authority, and what each process may do on the brokers: `coldport edge enroll`."""
