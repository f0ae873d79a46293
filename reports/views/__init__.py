"""The pages of the reports and what they answer."""
