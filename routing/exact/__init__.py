"""The exact part of the planner: an instance as a program of whole numbers, its optimum, and bounds. See DESIGN.md."""
