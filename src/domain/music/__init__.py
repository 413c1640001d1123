"""Music: theory, listening to a hum, composing a piece, and the styles. It knows neither blueprints nor jobs."""
