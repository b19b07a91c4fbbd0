"""The plan log: what planners asked for, what became of it and which plans stand, on SQLite and its twin in memory."""
