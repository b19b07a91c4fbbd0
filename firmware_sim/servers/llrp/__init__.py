"""An LLRP reader, versions 1.0.1 and 1.1, from the reader's side.

Sources: EPCglobal Low Level Reader Protocol 1.0.1, of which the section numbers in this folder are, and 1.1.
"""
