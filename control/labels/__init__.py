"""What goods and people on the floor carry on paper: labels of passports, and lists of what to pick."""
