"""Edge Node Service, version 2017-11-10: the key pairs."""
