"""Objects behind signed URLs: permissions, byte ranges, download names."""
