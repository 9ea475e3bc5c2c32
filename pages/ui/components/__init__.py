"""Components that run in the browser: Python, JavaScript and style of each."""
