"""The live room: how the record travels to its audiences, never what it says."""
