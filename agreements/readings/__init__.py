"""What pages say about agreements: read, never written."""
