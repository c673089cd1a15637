"""Speaking to relying parties."""
