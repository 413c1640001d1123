"""Child processes that compute: a crash ends one call only, and a cancelled call ends early without its process."""
