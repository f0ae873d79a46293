"""What people type about agreements, turned into what the services take."""
