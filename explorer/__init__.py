"""
A page to try the function: it calls it, and shows what is wrong with a key.

A client only, never deployed: it knows the function's address and, of a local cloud, the address of
its state. It imports nothing of src and of devcloud.
"""
