#!/usr/bin/env node
// Starts lbctl with the machine's Node. CommonJS and old words only: an old Node must get as far as the message.
const path = require("node:path");
const nodeModule = require("node:module");

const version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 19)) {
  process.stderr.write(
    `lbctl: this is Node.js ${process.versions.node} (${process.execPath}); lbctl needs 22.19 or newer.\n` +
      "  Put a newer one first on the PATH, or install the .deb or the archive, which bring their own (docs/install.md).\n",
  );
  process.exit(1);
}

const root = path.dirname(__dirname);
// Starting takes half the CPU, and each process a quarter less memory, when Node finds compiled what it compiled before. The
// environment is for the processes that lbctl starts.
if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_COMPILE_CACHE = path.join(root, ".cache", "compile");
// What an upgrade in place starts: this path, wherever it leads by then.
process.env.LBCTL_PROGRAM = process.argv[1];
nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
import("../src/cli/main.js");
