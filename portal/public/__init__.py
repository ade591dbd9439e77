"""Public pages: they open sealed releases and reference data, and nothing else."""
