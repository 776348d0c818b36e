"""The official SDKs, unmodified, against the emulator."""
