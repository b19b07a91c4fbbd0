"""Jobs of the planner: a queue, workers in processes of their own, progress, stop-and-keep, and life after a fall."""
