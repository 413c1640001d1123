"""Scripts that measure and fit the constants of the music and audio code again; not part of the wheel."""
