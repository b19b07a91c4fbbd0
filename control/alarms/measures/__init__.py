"""What is made of a point's values before it is compared with a limit: slopes, counts, shares, forecasts, doubts."""
