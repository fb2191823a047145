"""The bell: rings at regular times for what the database says is due."""
