"""UHFReader18 and UHFReader288, from the reader's side.

Source: UHFReader18 user's manual V2.0 and UHFReader288 user's manual, chapters on the data block, status and commands.
"""
