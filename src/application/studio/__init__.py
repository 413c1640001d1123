"""What music-tools does: the use cases of the studio, over ports of their own."""
