"""The planner over HTTP: instances, jobs, plans."""
