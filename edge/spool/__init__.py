"""From an observation to control's receipt: committed in groups, numbered, kept, forwarded."""
