"""An LLRP 1.0.1 reader, from the reader's side.

Source: EPCglobal Low Level Reader Protocol 1.0.1; section numbers in this folder are of that document.
"""
