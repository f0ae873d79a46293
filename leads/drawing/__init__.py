"""What pages show dozens of times, drawn from pieces of HTML: templates of so many nodes cost milliseconds a row."""
