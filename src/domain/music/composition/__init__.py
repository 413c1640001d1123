"""From a melody to a score: form, harmony, arrangement, performance."""
