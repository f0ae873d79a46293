"""Numbers to neutral descriptions of charts: what is said and drawn, not how. Knows no HTTP and no library."""
