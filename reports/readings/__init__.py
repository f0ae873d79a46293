"""What the reports say: figures of the database put through the arithmetic, one module a report."""
