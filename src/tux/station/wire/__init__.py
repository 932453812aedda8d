"""What clients say: envelopes → rows. Pure, and never trusting."""
