"""What reads the journal from a remembered number and forwards it: alarms to the bus, series, records, lots."""
