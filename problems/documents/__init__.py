"""The documents: the models that read, check, write and describe every one of them."""
