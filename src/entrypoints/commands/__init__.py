"""The commands of the `moment` executable; what they need is imported when they run, so that `--help` is quick."""
