"""The pages about leads, and what people do on them."""
