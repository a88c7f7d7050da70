"""Dates, numbers, texts and pictures, in the shape in which they are shown or kept. Pure."""
