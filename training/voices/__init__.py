"""A seeded generator of recordings of people who sing, hum and whistle: from a performance to sound with labels."""
