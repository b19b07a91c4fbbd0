"""Simulated devices and the physics behind them, on the same wires as real ones."""
