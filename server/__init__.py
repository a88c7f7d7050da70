"""What runs SIH: the start, the server's side of connections, the embedded database, the operators' commands."""
