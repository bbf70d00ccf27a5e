"""Small mistakes that somebody could make in our own server, and the tests that notice each of them."""
