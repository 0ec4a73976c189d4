/** The look of the few pages that the API itself has. No script, nothing loaded from anywhere, light and dark. */
export function renderPage(page: { title: string; shop: string; main: string }): string {
  const title = page.title === page.shop ? page.shop : `${page.title} · ${page.shop}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<header><a href="/v1">${escapeHtml(page.shop)}</a><nav aria-label="API"><a href="/docs/">Reference</a><a href="/problems">Problems</a></nav></header>
<main>
${page.main}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The text of a problem or a description, whose only mark-up is `code`. */
export function inlineHtml(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** What these pages may load: their own style, nothing else. */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// Three bars that come faster and faster.
const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="#e2571e"><path d="M3 22h5v6H3zM13 14h5v14h-5zM23 4h6v24h-6z"/></svg>';
export const icon = `data:image/svg+xml,${encodeURIComponent(iconSvg)}`;

const style = `
:root{--ink:#14161a;--soft:#565d6b;--line:#dfe3ea;--paper:#fff;--wash:#f5f7fa;--accent:#c2310b;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#eceff4;--soft:#a2abba;--line:#2b313b;--paper:#101318;--wash:#191e26;--accent:#ff8a5c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:inherit;text-decoration-color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:.1em}
a:hover{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:2px}
header,main{max-width:46rem;margin:0 auto;padding:1.25rem 1.5rem}
header{display:flex;gap:1.5rem;align-items:baseline;justify-content:space-between;flex-wrap:wrap;border-bottom:1px solid var(--line)}
header>a{font-weight:700;text-decoration:none;letter-spacing:-.01em}
nav{display:flex;gap:1.25rem;color:var(--soft);font-size:.94rem}
main{padding-top:clamp(2rem,6vw,4rem);padding-bottom:4rem}
h1{font-size:clamp(1.9rem,5vw,2.75rem);line-height:1.12;letter-spacing:-.025em;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:1.05rem;margin:2.75rem 0 .75rem}
p{margin:0 0 1rem;max-width:38rem}
.lead{font-size:1.2rem;color:var(--soft)}
.kicker{color:var(--accent);font-weight:600;font-variant-numeric:tabular-nums;margin:0 0 .5rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
code{background:var(--wash);padding:.1em .35em;border-radius:4px}
pre{background:var(--wash);border:1px solid var(--line);border-radius:8px;padding:1rem 1.1rem;overflow-x:auto;line-height:1.5}
pre code{background:none;padding:0}
dl{margin:0;border-top:1px solid var(--line)}
dl>div{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.25rem 1.5rem;padding:.7rem 0;border-bottom:1px solid var(--line)}
dt{font-weight:600}
dd{margin:0;color:var(--soft)}
@media (max-width:34rem){dl>div{grid-template-columns:1fr}}
`;
