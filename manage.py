#!/usr/bin/env python
"""Run a management command of the product; without DATABASE_URL, on the embedded servers."""

import sys

from slaproject.command_line import run

if __name__ == "__main__":
    run(sys.argv)
