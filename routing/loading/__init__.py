"""Boxes into containers, trucks and ULDs: which goes where, checked, drawn and listed."""
