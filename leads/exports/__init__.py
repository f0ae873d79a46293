"""Lists of leads and of what became of them as files: by the same filters and rights as their pages."""
