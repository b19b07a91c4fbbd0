"""What an inspection centre does with parcels: what was declared of them, where they stand, whether they may pass."""
