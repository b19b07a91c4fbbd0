"""What happened to goods, told to others: EPCIS 2.0 events taken in, proved, kept and found again."""
