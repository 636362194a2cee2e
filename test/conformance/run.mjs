// Runs main.ts, whatever Node this is: vitest's own server turns TypeScript into JavaScript.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error(
    "usage: npm run conformance -- DIR (a checkout of WebAssembly/component-model or bytecodealliance/wasmtime)",
  );
  process.exit(2);
}
const server = await createViteServer({
  configFile: false,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: "custom",
});
try {
  const { main } = await server.ssrLoadModule("/test/conformance/main.ts");
  process.exitCode = (await main(directory)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await server.close();
}
