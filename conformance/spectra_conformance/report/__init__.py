"""What a run found, in the forms that people and machines read."""
