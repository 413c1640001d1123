"""music-tools: the studio's use cases as MCP tools over streamable HTTP."""
