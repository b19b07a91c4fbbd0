"""The way of goods into a 1210 zone (入区), from the notice to the shelf, as one table."""
