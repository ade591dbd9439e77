"""What administrators alone may see and do."""
