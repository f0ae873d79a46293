"""What changes agreements: each verb owns its transaction."""
