"""What happens in a room, as formulas: no device, no clock, no dice."""
