"""The messages that cross process boundaries, one module a subject. `coldport.topics` says where each travels."""
