"""What statisticians agreed on, case by case."""
