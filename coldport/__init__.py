"""The contract: what crosses a process boundary, and the words to say it.

A module belongs here when what it defines crosses a process boundary, names or times something that does, or is how
every process behaves (`supervise`, `log`, `settings`, the launcher). Everything else belongs to a process.
"""
