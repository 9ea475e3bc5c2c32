// Preloaded into the gateway. The dashboard holds the other end of stdin and never writes to it:
// its end means that the dashboard is gone, however it died, and nobody would stop the gateway.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref?.();

// PostgreSQL's errors quote what they refuse, which is about people: the log gets their code.
for (const name of ["debug", "error", "info", "log", "warn"]) {
  const write = console[name].bind(console);
  console[name] = (...parts) =>
    write(
      ...parts.map((part) => (part instanceof Error ? `${part.name} ${part.code ?? ""}` : part)),
    );
}
