// Runs after `npm install`. The releases of ts-mls that can be installed (newest 2.0.0-rc.10; 1.6.4 has some of them too) break
// RFC 9420 where groups need it most: a member who was removed alone could follow into the next epoch, and who joined a group
// that had lived for a while was refused. Its authors mended most of this later; until such a release can be installed, these
// lines are put right in place. Each must be found exactly once, broken or mended: anything else is another release, and then
// the install fails instead of running on it unseen. Groups also refuse every removal without a path (core/group/change.ts).
// Old JavaScript, because any Node may run it.
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const mends = {
  "clientState.js": [
    // §12.4: only a commit of nothing but Add (and PSK) may leave out the path. Theirs left it out for a single Remove.
    {
      broken: `            Object.values(grouped[defaultProposalTypes.update]).length > 1 ||
            Object.values(grouped[defaultProposalTypes.remove]).length > 1;`,
      mended: `            allProposals.some(({ proposal }) => ![defaultProposalTypes.add, defaultProposalTypes.psk].includes(proposal.proposalType));`,
    },
    // §12.4.2: who is removed is named by a Remove; whether the leaf is blank says nothing, since an Add may have taken its place.
    {
      broken: `const selfRemoved = mutableTree[leafToNodeIndex(toLeafIndex(state.privatePath.leafIndex))] === undefined;`,
      mended: `const selfRemoved = grouped[defaultProposalTypes.remove].some(({ proposal }) => proposal.remove.removed === state.privatePath.leafIndex);`,
    },
    // §12.4.3.1: an unmerged leaf is a leaf below its node, and each node between names it as well. Theirs asked for equal lists.
    {
      broken: `tree[nodeIndex]?.nodeType !== nodeTypes.leaf && !dp.includes(toNodeIndex(i))`,
      mended: `tree[nodeIndex]?.nodeType !== nodeTypes.leaf || !dp.includes(toNodeIndex(i))`,
    },
    {
      broken: `for (const parentIdx of dp) {`,
      mended: `for (const parentIdx of dp.slice(0, dp.indexOf(toNodeIndex(i)))) {`,
    },
    {
      broken: `!arraysEqual(dpNode.parent.unmergedLeaves, n.parent.unmergedLeaves)`,
      mended: `!dpNode.parent.unmergedLeaves.includes(unmergedLeaf)`,
    },
    // §7.3: the new leaf's keys are nowhere else in the tree. Theirs compared the tree with itself, again for each leaf.
    {
      broken: `export async function validateLeafNodeCredentialAndKeyUniqueness(tree, leafNode, existingLeafIndex) {`,
      mended: `export async function validateLeafNodeCredentialAndKeyUniqueness(tree, leafNode, existingLeafIndex) {
    const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
    for (const [at, node] of tree.entries()) {
        if (node === undefined) continue;
        const { hpkePublicKey, signaturePublicKey, capabilities } = node.nodeType === nodeTypes.leaf ? node.leaf : node.parent;
        if (same(hpkePublicKey, leafNode.hpkePublicKey)) return new ValidationError("hpke keys not unique");
        if (node.nodeType !== nodeTypes.leaf) continue;
        if (!capabilities.credentials.includes(leafNode.credential.credentialType))
            return new ValidationError("LeafNode has credential that is not supported by member of the group");
        if (existingLeafIndex !== nodeToLeafIndex(toNodeIndex(at)) && same(signaturePublicKey, leafNode.signaturePublicKey))
            return new ValidationError("signature keys not unique");
    }
    return undefined;
}
async function comparedTreeWithItself(tree, leafNode, existingLeafIndex) {`,
    },
  ],
  "createCommit.js": [
    // §7.5, §12.4.1: path secrets are sealed under the new group context, not for leaves that this commit adds (their
    // Welcome has them), and to the keys of the new tree.
    {
      broken: `createUpdatePath(state.ratchetTree, mutableTree, toLeafIndex(state.privatePath.leafIndex), state.groupContext, state.signaturePrivateKey, cipherSuite)`,
      mended: `createUpdatePath(mutableTree, mutableTree, toLeafIndex(state.privatePath.leafIndex), res.additionalResult.extensions?.length > 0 ? { ...state.groupContext, extensions: res.additionalResult.extensions } : state.groupContext, state.signaturePrivateKey, cipherSuite, (res.additionalResult.addedLeafNodes ?? []).map(([leaf]) => toNodeIndex(leaf * 2)))`,
    },
    // §8: the commit secret follows the root's path secret, also where the committer's filtered path ends below the root.
    {
      broken: `        : await deriveSecret(lastPathSecret.secret, "path", cipherSuite.kdf);`,
      mended: `        : await getCommitSecret(tree, lastPathSecret.nodeIndex, lastPathSecret.secret, cipherSuite.kdf);`,
    },
    // Without a path there is no path secret to look for; looking took 0.1 s without a pause for 255 new leaves.
    {
      broken: `const nodeIndex = firstCommonAncestor(tree, leafNodeIndex, toLeafIndex(state.privatePath.leafIndex));`,
      mended: `const nodeIndex = pathSecrets.length === 0 ? undefined : firstCommonAncestor(tree, leafNodeIndex, toLeafIndex(state.privatePath.leafIndex));`,
    },
    // A Welcome is sealed for one newcomer after the other: all at once, each holds an encoding of the whole GroupInfo (95 MB
    // for 255 of them), made without a pause.
    {
      broken: `        ? await Promise.all(res.additionalResult.addedLeafNodes.map(([leafNodeIndex, keyPackage]) => {`,
      mended: `        ? await inTurn(res.additionalResult.addedLeafNodes.map(([leafNodeIndex, keyPackage]) => () => {`,
    },
    {
      broken: `async function createWelcome(`,
      mended: `async function inTurn(steps) {
    const done = [];
    for (const step of steps) done.push(await step());
    return done;
}
async function createWelcome(`,
    },
    {
      broken: `import { pathToPathSecrets } from "./pathSecrets.js";`,
      mended: `import { getCommitSecret, pathToPathSecrets } from "./pathSecrets.js";`,
    },
  ],
  "updatePath.js": [
    {
      broken: `export async function createUpdatePath(originalTree, mutableTree, senderLeafIndex, groupContext, signaturePrivateKey, cs) {`,
      mended: `export async function createUpdatePath(originalTree, mutableTree, senderLeafIndex, groupContext, signaturePrivateKey, cs, added = []) {`,
    },
    {
      broken: `encryptedPathSecret: await Promise.all(pathSecret.sendTo.map(`,
      mended: `encryptedPathSecret: await Promise.all(pathSecret.sendTo.filter((nodeIndex) => !added.includes(nodeIndex)).map(`,
    },
    {
      broken: `pathSecrets.map(encryptSecretsForPath(originalTree, mutableTree, updatedGroupContext, cs))`,
      mended: `pathSecrets.map(encryptSecretsForPath(originalTree, mutableTree, updatedGroupContext, cs, added))`,
    },
    {
      broken: `function encryptSecretsForPath(originalTree, updatedTree, updatedGroupContext, cs) {`,
      mended: `function encryptSecretsForPath(originalTree, updatedTree, updatedGroupContext, cs, added) {`,
    },
    // §7.5: all of the committer's direct path is blank before the filtered path is written, on both sides.
    {
      broken: `    const ps = await applyInitialTreeUpdate(fdp,`,
      mended: `    for (const at of directPath(leafToNodeIndex(senderLeafIndex), leafWidth(mutableTree.length))) mutableTree[at] = undefined;
    const ps = await applyInitialTreeUpdate(fdp,`,
    },
    {
      broken: `    mutableTree[leafToNodeIndex(senderLeafIndex)] = { nodeType: nodeTypes.leaf, leaf: path.leafNode };`,
      mended: `    for (const at of directPath(leafToNodeIndex(senderLeafIndex), leafWidth(mutableTree.length))) mutableTree[at] = undefined;
    mutableTree[leafToNodeIndex(senderLeafIndex)] = { nodeType: nodeTypes.leaf, leaf: path.leafNode };`,
    },
    {
      broken: `import { isAncestor, leafToNodeIndex, toNodeIndex } from "./treemath.js";`,
      mended: `import { directPath, isAncestor, leafToNodeIndex, leafWidth, toNodeIndex } from "./treemath.js";`,
    },
    // §12.4.2: no key of the path is in any node of the tree, leaves and the path itself included.
    {
      broken: `    if (pathNodePublicKeysExistInTree)`,
      mended: `    const pathKeys = [path.leafNode, ...path.nodes].map((node) => String(node.hpkePublicKey));
    const leafKeys = mutableTree.flatMap((node) => node?.nodeType === nodeTypes.leaf ? [node.leaf.hpkePublicKey] : []);
    if (pathNodePublicKeysExistInTree || new Set(pathKeys).size < pathKeys.length ||
        leafKeys.some((key) => path.nodes.some((node) => constantTimeEqual(key, node.hpkePublicKey))))`,
    },
  ],
  "parentHash.js": [
    // A leaf that never committed has no parent hash to compare with; theirs was computed all the same, which took whoever
    // joined 65,000 hashes where 256 devices had renewed few keys.
    {
      broken: `            // parentHashNodeIndex is the node index where the nearest non blank ancestor was`,
      mended: `            if (getParentHash(currentNode) === undefined) break;
            // parentHashNodeIndex is the node index where the nearest non blank ancestor was`,
    },
  ],
  "processMessages.js": [
    // §12.4.2: whom the commit removes cannot follow it; the signature and the proposals were checked. Theirs threw.
    {
      broken: `    if (content.commit.path !== undefined) {
        const committerLeafIndex`,
      mended: `    if (result.selfRemoved) {
        if (content.commit.path === undefined) throw new ValidationError("Update path is required");
        return {
            newState: { ...state, groupActiveState: { kind: "removedFromGroup" } },
            actionTaken: action,
            consumed: [],
            aad: content.authenticatedData,
        };
    }
    if (content.commit.path !== undefined) {
        const committerLeafIndex`,
    },
  ],
};

const library = path.join(__dirname, "../node_modules/ts-mls/dist/src");
// A node installed without the app has none.
for (const [file, lines] of existsSync(library) ? Object.entries(mends) : []) {
  const where = path.join(library, file);
  let text = readFileSync(where, "utf8");
  for (const { broken, mended } of lines) {
    if (text.split(mended).length === 2) continue;
    if (text.split(broken).length !== 2) throw new Error(`ts-mls is not the release that its mends are for: ${file}`);
    text = text.replace(broken, () => mended);
  }
  if (text !== readFileSync(where, "utf8")) writeFileSync(where, text);
}
