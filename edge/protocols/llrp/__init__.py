"""LLRP, the protocol of fixed UHF readers: `session` is the way in, the other modules are its parts.

`names` numbers messages and parameters, `wire` cuts them out of bytes, `requests` writes what a client sends, `replies`
reads what a reader sends, `states` says what follows what, `events` are what a session tells
besides what every reader does. Source: EPCglobal Low Level Reader Protocol 1.0.1 (2007) and 1.1 (2010), section numbers
of 1.1.
"""
