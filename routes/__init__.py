"""One module a noun, one function a door."""
