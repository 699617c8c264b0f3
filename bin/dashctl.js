#!/usr/bin/env node
// Loaded only after the check: an older Node would stop at the first import with a message about a missing export.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 13)) {
  await import('../dist/main.js');
} else {
  process.stderr.write(
    `error: dashctl needs Node 22.13 or newer, and this is ${process.versions.node}\n` +
      '  hint: in a clone, "npm start" and "npx dashctl" bring the right one\n',
  );
  process.exitCode = 1;
}
