"""What a conversion is measured by."""
