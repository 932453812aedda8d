"""From a captured envelope to a receiver that has it: scrubbed, spooled, sent, counted."""
