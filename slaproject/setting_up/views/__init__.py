"""The pages of the guided first tour."""
