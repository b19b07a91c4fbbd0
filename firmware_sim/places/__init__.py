"""What can stand on a floor, a module for each kind: its settings, its checks, how it is built and served."""
