"""`coldport plan ...`: one module for each thing a planner asks for. Files in, files and plain lines out."""
