"""The music-tools process: the studio's use cases as MCP tools over streamable HTTP."""
