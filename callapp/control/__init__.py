"""The call driven by JSON lines, a sibling of ui: see docs/control.md."""
