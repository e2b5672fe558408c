"""What devcloud holds and was asked, over HTTP: for tests in other languages, and for a page."""
