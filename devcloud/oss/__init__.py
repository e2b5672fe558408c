"""Object Storage Service: private buckets, single-part objects, V4 signatures, notifications."""
