"""What goods have suffered: statistics, kinetic temperature, time out of range, shelf life, lots. Pure."""
