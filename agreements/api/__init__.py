"""What programs read of agreements, and what every operation of the API is built on."""
