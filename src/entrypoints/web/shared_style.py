"""The style sheet of the pages of links to music: one small page, which waits for no other file."""

from typing import Final

from entrypoints.web.assets import CLIENT, TOKENS

_OWN: Final = """
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}
header,main{max-width:44rem;margin:0 auto;padding:.5rem 1rem}
header a{display:inline-flex;align-items:center;min-height:2.75rem;color:var(--ink);font-weight:700;
text-decoration:none}
main{padding-bottom:2rem;text-align:center}
article{background:var(--panel);border:1px solid var(--edge);border-radius:var(--radius);overflow:hidden}
.picture svg{display:block;width:100%;height:auto}
.words{padding:1rem}
h1{font-size:clamp(1.7rem,7vw,2.6rem);line-height:1.15;margin:.25rem 0;text-wrap:balance}
p{margin:.5rem 0}
.quiet{color:var(--quiet)}
audio{display:block;width:100%;height:3.5rem;margin:1rem 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.5rem,1fr));gap:.75rem;margin:1rem 0 .25rem}
dt{color:var(--quiet);font-size:.875rem}
dd{margin:0;font-weight:600}
.button{display:inline-flex;align-items:center;min-height:3rem;margin-top:1rem;padding:.5rem 1.5rem;
border-radius:var(--radius);background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none}
.gone{padding-top:18vh}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
"""

STYLE: Final = (CLIENT / TOKENS).read_text() + _OWN
