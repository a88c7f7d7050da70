"""What was typed, and what is wrong with it. One module a noun; no I/O."""
