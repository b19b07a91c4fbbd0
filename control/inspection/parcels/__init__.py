"""A parcel's way over the floor of a 9610 centre, as one table, and the vehicles it leaves on."""
