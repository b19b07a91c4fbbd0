"""Declarations from a sheet: CSV or Excel in, documents or what is wrong out; and an empty sheet to fill in."""
