"""What a device and an agent say to each other, written down as it passes, and played back by what was written down."""
