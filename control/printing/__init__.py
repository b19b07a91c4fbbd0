"""Files for people: tables as CSV and Excel, sheets as PDF, codes that a phone reads."""
