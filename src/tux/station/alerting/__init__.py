"""Alert rules of ``tux.watch``, evaluated from what is kept, and told to teams."""
