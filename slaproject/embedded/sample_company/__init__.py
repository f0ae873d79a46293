"""Acme, the company of the demo: invented people, a signed agreement, fourteen months of leads and a live today.

Everything is drawn with a fixed seed: the same day of loading gives the same company.
"""
