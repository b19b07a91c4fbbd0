"""Inspection lanes (查验线): what was seen of a parcel becomes a verdict with its reasons."""
