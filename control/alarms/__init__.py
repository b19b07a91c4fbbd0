"""Alarm logic without I/O, clock or dice: definitions, detectors, the lifecycle, and the engine that joins them."""
