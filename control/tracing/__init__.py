"""What the journal tells of the floor, told to others as EPCIS 2.0 events."""
