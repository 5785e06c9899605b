"""What a recogniser is measured by."""
