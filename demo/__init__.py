"""The demo company, made by rule; loaded only into the embedded database."""
