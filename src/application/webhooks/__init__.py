"""What workers do so that webhooks are delivered, and what others see of it."""
