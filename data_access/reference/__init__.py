"""Facts from outside: places, postcodes, boundaries, log types and periods."""
