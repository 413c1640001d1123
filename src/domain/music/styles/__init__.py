"""The styles, one file each, and what they are written with: types, patterns, grooves, the section they play in."""
