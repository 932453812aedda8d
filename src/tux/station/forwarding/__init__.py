"""What the station keeps → another receiver, for those who outgrow it."""
