"""Goods on the shelves of a bonded warehouse: which lot lies where, for whom, and what may be done with it."""
