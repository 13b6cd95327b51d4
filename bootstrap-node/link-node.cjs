// Runs after `npm install`. The pinned Node comes as one package per platform, all with the same command; npm 10 drops
// that command while it leaves out the packages of the other platforms. This puts it back, so that npm scripts find it.
// Old JavaScript, because any Node may run it; no failure here may fail the install: require-node.cjs has the last word.
const { existsSync, linkSync, mkdirSync, symlinkSync } = require("node:fs");
const path = require("node:path");

const onWindows = process.platform === "win32";
const platform = onWindows ? "win" : process.platform;
const modules = path.join(__dirname, "../node_modules");
const pinned = path.join(modules, `node-${platform}-${process.arch}`, "bin", onWindows ? "node.exe" : "node");
const commands = path.join(modules, ".bin");
const command = path.join(commands, onWindows ? "node.exe" : "node");

if (existsSync(pinned) && !existsSync(command) && !existsSync(path.join(commands, "node.cmd"))) {
  try {
    mkdirSync(commands, { recursive: true });
    if (onWindows) linkSync(pinned, command);
    else symlinkSync(path.relative(commands, pinned), command);
  } catch (error) {
    console.error(`The pinned Node could not be linked: ${error.message}`);
  }
}
