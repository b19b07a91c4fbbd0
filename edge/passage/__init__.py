"""Makes passages out of what a reader at a gate tells: who went through, which way, and who only lay beside it.

Pure: time comes with the events, nothing is read or written, and no dice are rolled.
"""
