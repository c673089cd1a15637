"""What the holder of an account sees and changes."""
