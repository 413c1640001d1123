"""What a recording is, judged by its bytes."""
