"""Networks: layers and a loss, and the derivation that follows from them."""
