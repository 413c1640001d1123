"""Reading and writing audio and MIDI files."""
