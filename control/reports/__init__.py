"""What the record says, on paper and in files: the excursion report, exports, and what may be deleted when."""
