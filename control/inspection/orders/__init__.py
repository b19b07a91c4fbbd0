"""The way of an order of bonded goods (1210), from the shelf out of the zone and perhaps back, as one table."""
