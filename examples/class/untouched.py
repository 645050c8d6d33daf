"""Nothing is filled in: every stub is as it was handed out."""
