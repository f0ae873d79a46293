"""What each report page shows."""
