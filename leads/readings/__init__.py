"""What the pages about leads show, read with as many queries for many rows as for few."""
