"""The commands of the `moment` executable. They import what they need when they run, so that `--help` is fast."""
