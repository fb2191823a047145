import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * socket.io-client would bring long-polling, WebTransport and binary packets. The server offers and accepts none of
 * them, and a phone should not have to load them.
 */
function websocketOnly(): Plugin {
  return {
    name: "websocket-only",
    enforce: "pre",
    resolveId(source, importer = "") {
      if (source.endsWith("/transports/index.js") && importer.includes("engine.io-client")) return here("./src/engine.ts");
      if (source === "./binary.js" && importer.includes("socket.io-parser")) return here("./src/nobinary.ts");
      return null;
    },
    transform(code, id) {
      // Its one listener at load time keeps the whole file in the bundle otherwise.
      return id.includes("transports/polling") ? { code, moduleSideEffects: false } : null;
    },
  };
}

export default defineConfig({
  plugins: [websocketOnly()],
  build: {
    outDir: here("../static/built"),
    // A server that runs, and pages that are open, still name what was built before; deploy/prepare.sh clears it later.
    emptyOutDir: false,
    manifest: "manifest.json",
    target: "es2018",
    modulePreload: false,
    reportCompressedSize: true,
    rollupOptions: {
      input: {
        elder: here("./src/elder.ts"),
        live: here("./src/live.ts"),
        transcript: here("./src/transcript.ts"),
        console: here("./src/console.ts"),
        desk: here("./src/desk.ts"),
        offline: here("./src/offline.ts"),
        progress: here("./src/progress.ts"),
        sw: here("./src/sw.ts"),
      },
    },
  },
});
