import { createServer } from "node:http";

/**
 * A small web server that says its name: `web-server.ts NAME PORT`, PORT 0 for any. A child of the demo: tells it its port
 * and ends when the demo does.
 */
const [name = "web", port = "0"] = process.argv.slice(2);

process.title = `lbctl demo: ${name}`;
// Ctrl-C reaches every process of the terminal; the order of the end is the demo's.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));

const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/plain", connection: "close" }).end(name);
});
// One that comes back on its old port may have to wait until nobody else has it.
let attempts = 0;
server.on("error", (error: NodeJS.ErrnoException) => {
  attempts++;
  if (error.code === "EADDRINUSE" && attempts < 20) setTimeout(listen, 100);
  else throw error;
});
listen();

function listen(): void {
  server.listen(Number(port), "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address !== "string") process.send?.({ port: address.port });
  });
}
