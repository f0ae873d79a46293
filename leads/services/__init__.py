"""What changes leads and hand-offs: each verb owns its transaction."""
