"""What programs read of leads."""
