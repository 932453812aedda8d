"""What is counted while rows are written, so that a page over a month reads few of them."""
