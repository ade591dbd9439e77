"""Documentation of the collection, made from the definition tables and nothing else."""
