// Preloaded by the npm scripts. Plain old JavaScript, so that a Node which is too old for TypeScript can still
// read it and say so in one sentence instead of failing on the first .ts file.
const oldestMajor = 24;
if (Number(process.versions.node.split(".")[0]) < oldestMajor) {
  console.error(
    `Kith needs Node ${oldestMajor} or newer, and this is Node ${process.versions.node}: ` +
      `install Node ${oldestMajor} from https://nodejs.org and try again.`,
  );
  process.exit(1);
}
