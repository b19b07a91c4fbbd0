"""What the alarms would have done: the live engine over a recorded past, or over one that somebody wrote down."""
