"""The Data Sharing Agreement: read, signed, printed, reminded of."""
