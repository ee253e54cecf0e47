"""A worked solution or a sheet as text, Markdown, LaTeX, HTML, Typst and PDF."""
