"""What report pages are asked."""
