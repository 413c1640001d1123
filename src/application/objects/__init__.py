"""Objects behind signed URLs: what may be read, in which parts, under which name."""
