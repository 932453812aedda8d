"""What pages ask the file."""
