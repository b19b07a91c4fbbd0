"""Bonded goods (1210): the account at customs (账册), the buyers' yearly quota, and how an order goes."""
