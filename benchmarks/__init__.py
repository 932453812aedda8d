"""What the layer costs, measured beside its peers: `make bench`."""
