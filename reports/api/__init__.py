"""What programs read of reports, and the values that they enter."""
