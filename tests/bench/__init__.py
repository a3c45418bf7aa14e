"""The call benchmark: two real endpoints, two network namespaces, figures read off the pictures themselves."""
