"""Other people's tests audited: what right and mistaken code would answer to any call of them."""
