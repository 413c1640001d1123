"""Keys: made, recognised, and what their owners see."""
