"""The use cases of the music tools, over ports of their own."""
