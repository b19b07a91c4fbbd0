"""Road legs: which truck fetches or brings what, when, by three solvers behind one port."""
