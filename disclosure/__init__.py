"""The rules that make a table safe: pure functions over frames."""
